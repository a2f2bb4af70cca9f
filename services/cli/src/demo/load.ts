/** A load of so many concurrent requests for so long, by autocannon in a process of its own. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { OutsideError } from '@flyball/contracts';
import { z } from 'zod';

const autocannon = fileURLToPath(import.meta.resolve('autocannon/autocannon.js'));
/** A cold start under load may take longer than autocannon's default of 10 s. */
const requestTimeoutSeconds = 60;

export interface LoadOptions {
  readonly url: string;
  /** Value of the Host header: which workload is asked for. */
  readonly host: string;
  readonly connections: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

const resultSchema = z.object({
  requests: z.object({ average: z.number(), total: z.number() }),
  latency: z.object({
    min: z.number(),
    p50: z.number(),
    p90: z.number(),
    p99: z.number(),
    max: z.number(),
  }),
  duration: z.number(),
  errors: z.number(),
  timeouts: z.number(),
  non2xx: z.number(),
  '2xx': z.number(),
  statusCodeStats: z.record(z.string(), z.object({ count: z.number() })),
});

export interface LoadResult {
  readonly responses: number;
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly latencyMs: {
    readonly fastest: number;
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly slowest: number;
  };
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests without an answer. */
  readonly failures: number;
}

const resultOf = (json: string): LoadResult => {
  const result = resultSchema.parse(JSON.parse(json));
  const { min, p50, p90, p99, max } = result.latency;
  return {
    responses: result['2xx'] + result.non2xx,
    requestsPerSecond: result.requests.total / result.duration,
    latencyMs: { fastest: min, p50, p90, p99, slowest: max },
    statuses: Object.fromEntries(
      Object.entries(result.statusCodeStats).map(([status, { count }]) => [status, count]),
    ),
    failures: result.errors + result.timeouts,
  };
};

/** Runs the load to its end. Rejects when the tool fails or the signal aborts. */
export const runLoad = async (options: LoadOptions): Promise<LoadResult> => {
  const args = [
    ['--json', '--no-progress'],
    ['--connections', String(options.connections)],
    ['--duration', String(options.seconds)],
    ['--timeout', String(requestTimeoutSeconds)],
    ['--headers', `Host=${options.host}`],
    [options.url],
  ].flat();
  const child = spawn(process.execPath, [autocannon, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: options.signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const [json, complaints, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  if (code !== 0) {
    const message = `The load (autocannon) ended with exit code ${code}: ${complaints.trim()}`;
    throw new OutsideError('PART_FAILED', message, { retriable: false });
  }
  return resultOf(json);
};
