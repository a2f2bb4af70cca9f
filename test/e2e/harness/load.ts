/** Concurrent requests by autocannon, in a process of its own. */
import { join } from 'node:path';
import { z } from 'zod';
import { node, type Place, repositoryRoot } from './command.ts';
import { spawnKept } from './spawned.ts';

const loadProcess = join(import.meta.dirname, 'load-process.ts');
const requestTimeoutSeconds = 60;
/** A load without an end of its own is stopped by its test, which ends long before this. */
const endlessSeconds = 600;

const resultSchema = z.object({
  errors: z.int(),
  timeouts: z.int(),
  statusCodeStats: z.record(z.string(), z.object({ count: z.int() })),
});

export interface LoadResult {
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests without an answer. */
  readonly failures: number;
}

export interface LoadOptions {
  readonly place: Place;
  readonly gatewayUrl: string;
  readonly host: string;
  readonly connections: number;
  /** Without it the load goes on until it is stopped. */
  readonly seconds?: number;
  /** How long each request sleeps; without it as in the articles, 100 ms. */
  readonly sleepMs?: number;
}

export interface Load {
  readonly result: Promise<LoadResult>;
  /** Ends it and gives what it saw. */
  stop(): Promise<LoadResult>;
}

/** What the articles ask: 100 ms of sleep, the primes below 10,000, 5 MB. */
const samplePath = (sleepMs = 100) => `/?sleep=${sleepMs}&prime=10000&bloat=5`;

const optionsOf = ({ gatewayUrl, host, connections, seconds, sleepMs }: LoadOptions) => ({
  url: `${gatewayUrl}${samplePath(sleepMs)}`,
  headers: { host },
  connections,
  duration: seconds ?? endlessSeconds,
  timeout: requestTimeoutSeconds,
});

export const startLoad = (options: LoadOptions): Load => {
  const { env } = options.place;
  const args = [...node.slice(1), loadProcess, JSON.stringify(optionsOf(options))];
  const child = spawnKept(node[0], args, { env, cwd: repositoryRoot });
  const read = async (): Promise<LoadResult> => {
    const { code, out, err } = await child.ended;
    if (code !== 0) throw new Error(`autocannon ended with ${code}: ${err}`);
    const { errors, timeouts, statusCodeStats } = resultSchema.parse(JSON.parse(out));
    const counts = Object.entries(statusCodeStats).map(([status, { count }]) => [status, count]);
    return { statuses: Object.fromEntries(counts), failures: errors + timeouts };
  };
  const result = read();
  // A test that fails before it asks for the result has said why already.
  result.catch(() => undefined);
  const stop = () => {
    child.kill('SIGINT');
    return result;
  };
  return { result, stop };
};

/** Runs a load for so many seconds. */
export const runLoad = (options: LoadOptions & { readonly seconds: number }) =>
  startLoad(options).result;
