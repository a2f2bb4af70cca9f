/** One pod's guard: forwards to it, never more at once than it may have, and counts. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createBalancer,
  createConcurrencyMeter,
  createHoldingBudget,
  createHoldingQueue,
  createProxyServer,
  type ForwardTarget,
  type HeldRequest,
  type ProxyServer,
  type SecondCount,
} from '@flyball/proxy';
import type { z } from 'zod';
import type { queueProxyConfig } from './config.ts';
import { type Counts, exposition } from './exposition.ts';

const secondMs = 1_000;
/** Headers and socket buffers of what waits, all together. */
const waitingBytesMax = 64 * 1_024 * 1_024;

/** What a pod without a limit of its own is given at once; the rest waits here. */
const inFlightMax = 20_000;
/** Refusals are on their way this long before connections are cut. */
const refuseBeforeCutMs = 20;

/** Set by the activator on what it has counted; see its gateway. */
const proxiedHeader = 'x-flyball-proxied';

export type QueueProxyConfig = Readonly<z.infer<typeof queueProxyConfig>>;

export interface QueueProxy {
  readonly listenUrl: string;
  readonly healthUrl: string;
  /** Not ready at once; what is in flight finishes within the limit; then everything closes. */
  drain(): Promise<void>;
}

const addressOf = (hostPort: string): { host: string; port: number } => {
  const colon = hostPort.lastIndexOf(':');
  const host = hostPort.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(hostPort.slice(colon + 1)) };
};

const targetOf = (config: QueueProxyConfig): ForwardTarget => {
  const pods = createBalancer({
    containerConcurrency: config.containerConcurrency,
    inFlightPerPodMax: inFlightMax,
  });
  pods.add({ id: 'pod', ...addressOf(config.queueTarget) });
  const holding = createHoldingQueue<HeldRequest>({
    acquire: () => pods.acquire(),
    requestsMax: config.queuedRequestsMax,
    holdMsMax: config.requestTimeoutMs,
    budget: createHoldingBudget({
      requestsMax: config.queuedRequestsMax,
      bytesMax: waitingBytesMax,
    }),
  });
  pods.attach(holding);
  return { kind: 'target', pods, holding, responseStartTimeoutMs: config.requestTimeoutMs };
};

const listen = (server: Server, host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      resolve(`http://${host}:${(server.address() as AddressInfo).port}`);
    });
  });

const reply = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  response.end(text);
};

interface Answers {
  readonly ready: () => boolean;
  readonly counts: () => Counts;
}

const createHealth = ({ ready, counts }: Answers): Server =>
  createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/metrics') return reply(response, 200, exposition(counts()));
    if (request.url === '/healthz') return reply(response, 200, 'ok\n');
    if (request.url === '/readyz') {
      return ready() ? reply(response, 200, 'ok\n') : reply(response, 503, 'the pod is not up\n');
    }
    return reply(response, 404, 'Here are /healthz, /readyz and /metrics.\n');
  });

const nothingYet = (secondStartMs: number): SecondCount => ({
  secondStartMs,
  concurrencyMilli: 0,
  proxiedConcurrencyMilli: 0,
  requests: 0,
  proxiedRequests: 0,
});

const countedServer = (
  target: ForwardTarget,
  { headersMsMax, bodyIdleMsMax }: QueueProxyConfig,
  nowMs: () => number,
) => {
  const startMs = nowMs();
  const meter = createConcurrencyMeter({ startMs });
  let requestsTotal = 0;
  const server = createProxyServer<ForwardTarget>({
    route: () => target,
    markHeader: proxiedHeader,
    setMark: false,
    limits: { headersTimeoutMs: headersMsMax, bodyIdleTimeoutMs: bodyIdleMsMax },
    hooks: {
      onStart: (_target, request) => meter.enter(nowMs(), request.marked),
      onEnd: (_target, request) => {
        requestsTotal += 1;
        meter.leave(nowMs(), request.marked);
      },
    },
  });
  const counts = (): Counts => {
    const atMs = nowMs();
    const secondStartMs = atMs - (atMs % secondMs) - secondMs;
    const rolled = meter.roll(secondStartMs);
    const beforeStart = secondStartMs + secondMs <= startMs;
    return {
      second: rolled ?? (beforeStart ? nothingYet(secondStartMs) : null),
      secondStartMs,
      inFlight: meter.inFlight,
      proxiedInFlight: meter.proxiedInFlight,
      waiting: target.holding?.ledger.waiting ?? 0,
      requestsTotal,
    };
  };
  return { server, counts };
};

const closeHealth = (health: Server): Promise<void> =>
  new Promise((resolve) => {
    health.close(() => resolve());
    health.closeAllConnections();
  });

/**
 * Starts the proxy and its health port. `nowMs` is the wall clock. Rejects with the error that says
 * which port is taken.
 */
export const startQueueProxy = async (
  config: QueueProxyConfig,
  nowMs: () => number = Date.now,
): Promise<QueueProxy> => {
  const target = targetOf(config);
  const counted = countedServer(target, config, nowMs);
  const server: ProxyServer = counted.server;
  let draining = false;
  const health = createHealth({
    ready: () => !draining && target.pods.pods.some((pod) => pod.phase === 'reachable'),
    counts: counted.counts,
  });
  const bound = await server.listen(addressOf(config.queueListen));
  const healthUrl = await listen(health, config.healthHost, config.healthPort);
  return {
    listenUrl: `http://${bound.host}:${bound.port}`,
    healthUrl,
    drain: async () => {
      draining = true;
      // What waits may still find a slot; at the end of that time it is refused, not cut.
      const refuse = setTimeout(
        () => target.holding?.shedAll(),
        Math.max(0, config.drainMs - refuseBeforeCutMs),
      );
      await server.drain({ graceMs: config.drainMs });
      clearTimeout(refuse);
      target.pods.close();
      await closeHealth(health);
    },
  };
};
