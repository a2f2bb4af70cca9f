/** Asks workloads through the gateway, and notes when each answer began. */
import type { WorkloadKey } from '@flyball/contracts';
import { hostOfWorkload } from '@flyball/domain';
import { Agent } from 'undici';
import { z } from 'zod';

/** Longest wait for an answer: a herd's pods start one after another. */
const answerLimitMs = 90_000;
const connectionsMax = 1_024;

export interface Answer {
  readonly status: number;
  /** UTC ms, whole, when the request was written. */
  readonly sentAtMs: number;
  /** On the machine's monotonic clock, which all its processes share. */
  readonly firstByteMs: number;
  readonly body: string;
}

export interface GatewayClient {
  get(workload: WorkloadKey, path?: string): Promise<Answer>;
  /** Gives up whatever is still asked. */
  close(): Promise<void>;
}

/** Milliseconds of the clock that every process of this machine reads alike. */
const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export const createGatewayClient = (run: {
  readonly gatewayUrl: string;
  readonly domain: string;
}): GatewayClient => {
  const agent = new Agent({
    connections: connectionsMax,
    headersTimeout: answerLimitMs,
    bodyTimeout: answerLimitMs,
  });
  return {
    get: async (workload, path = '/') => {
      const host = hostOfWorkload(workload, run.domain);
      const sentAtMs = Date.now();
      const { statusCode, body } = await agent.request({
        origin: run.gatewayUrl,
        path,
        method: 'GET',
        headers: { host },
      });
      const firstByteMs = monotonicMs();
      return { status: statusCode, sentAtMs, firstByteMs, body: await body.text() };
    },
    close: () => agent.destroy(),
  };
};

const listeningSchema = z.object({ listeningMs: z.number() });

/** When the pod that answered began to listen, on the same clock. */
export const listeningMsOf = ({ body }: Answer): number =>
  listeningSchema.parse(JSON.parse(body)).listeningMs;
