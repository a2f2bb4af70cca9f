/** Constant load on a Service: clients whose connections go where its endpoints are at the time. */
import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { FollowedEndpoints, ServiceEndpoint } from './service-endpoints.ts';

/** A client that reuses its connection stays on it for so many requests, as NAT would keep it. */
const requestsPerConnection = 20;
const answerLimitMs = 30_000;
const failuresKeptMax = 20;

export interface ServiceLoadOptions {
  readonly endpoints: FollowedEndpoints;
  /** The Host that clients write: a name of the Service. */
  readonly host: string;
  readonly path: string;
  /** Each makes one request after the other; every second one reuses its connection. */
  readonly clients: number;
  /** Between two requests of one client. */
  readonly pauseMs: number;
}

export interface ServiceLoadResult {
  readonly statuses: Readonly<Record<string, number>>;
  readonly failures: number;
  /** What the first failures were. */
  readonly failed: readonly string[];
  /** Requests by the endpoint that answered. */
  readonly byEndpoint: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

export interface ServiceLoad {
  answered(): number;
  stop(): Promise<ServiceLoadResult>;
}

interface Counts {
  readonly statuses: Record<string, number>;
  readonly byEndpoint: Record<string, number>;
  readonly failed: string[];
  failures: number;
  answered: number;
  slowestMs: number;
}

const drawn = (endpoints: readonly ServiceEndpoint[]): ServiceEndpoint => {
  const endpoint = endpoints[Math.floor(Math.random() * endpoints.length)];
  if (endpoint === undefined) throw new Error('the Service has no endpoint');
  return endpoint;
};

const ended = async (asked: ClientRequest, onClosed: () => void): Promise<number> => {
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  if (!asked.reusedSocket) response.socket.once('close', onClosed);
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
};

const ask = async (
  { host, path }: ServiceLoadOptions,
  { address, port }: ServiceEndpoint,
  { agent, onClosed }: { readonly agent: Agent; readonly onClosed: () => void },
): Promise<number> => {
  const signal = AbortSignal.timeout(answerLimitMs);
  const asked = request({ host: address, port, path, agent, signal, headers: { host } });
  asked.end();
  return ended(asked, onClosed);
};

/** One after the other, until told to stop. */
const runClient = async (
  options: ServiceLoadOptions,
  counts: Counts,
  { keepAlive, signal }: { readonly keepAlive: boolean; readonly signal: AbortSignal },
): Promise<void> => {
  let agent = new Agent({ keepAlive, maxSockets: 1 });
  // A new connection goes wherever it may then, also when the server has closed the one before.
  let endpoint: ServiceEndpoint | undefined;
  const closedBy = (own: Agent) => () => {
    if (own === agent) endpoint = undefined;
  };
  for (let asked = 0; !signal.aborted; asked += 1) {
    const startedMs = performance.now();
    try {
      if (!keepAlive || endpoint === undefined || asked % requestsPerConnection === 0) {
        agent.destroy();
        agent = new Agent({ keepAlive, maxSockets: 1 });
        endpoint = drawn(options.endpoints.now());
      }
      const to = endpoint.address;
      const status = await ask(options, endpoint, { agent, onClosed: closedBy(agent) });
      counts.statuses[status] = (counts.statuses[status] ?? 0) + 1;
      counts.byEndpoint[to] = (counts.byEndpoint[to] ?? 0) + 1;
      counts.answered += 1;
    } catch (error) {
      counts.failures += 1;
      const to = endpoint === undefined ? 'nobody' : `${endpoint.address}:${endpoint.port}`;
      if (counts.failed.length < failuresKeptMax) counts.failed.push(`${to}: ${String(error)}`);
      endpoint = undefined;
    }
    counts.slowestMs = Math.max(counts.slowestMs, performance.now() - startedMs);
    await wait(options.pauseMs);
  }
  agent.destroy();
};

/** Begins at once; a request that finds no endpoint is a failure. */
export const startServiceLoad = (options: ServiceLoadOptions): ServiceLoad => {
  const over = new AbortController();
  const counts: Counts = {
    ...{ statuses: {}, byEndpoint: {}, failed: [] },
    ...{ failures: 0, answered: 0, slowestMs: 0 },
  };
  const clients = Array.from({ length: options.clients }, (_, at) =>
    runClient(options, counts, { keepAlive: at % 2 === 1, signal: over.signal }),
  );
  return {
    answered: () => counts.answered,
    stop: async () => {
      over.abort();
      await Promise.all(clients);
      const { statuses, byEndpoint, failed, failures, slowestMs } = counts;
      return { statuses, byEndpoint, failed, failures, slowestMs: Math.round(slowestMs) };
    },
  };
};
