/** A whole Flyball that runs for a test: started, looked at, hurt, ended, and looked after. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { createPlace, type Place } from './command.ts';
import { commandsFile, runLatestFile, writeSettings } from './sample.ts';
import type { Ended, Spawned } from './spawned.ts';
import { until } from './until.ts';

const startLimitMs = 60_000;
const endLimitMs = 40_000;
const readyLimitMs = 30_000;

/** What a reader of `run.json` relies on. */
const runSchema = z.object({
  gatewayUrl: z.string(),
  natsUrl: z.string(),
  redisUrl: z.string(),
  platformUrl: z.string(),
  consoleUrl: z.string().optional(),
  healthUrls: z.record(z.string(), z.string()),
  processes: z.array(z.object({ name: z.string(), pid: z.int() })),
});
export type Run = z.infer<typeof runSchema>;

export interface Machine {
  readonly place: Place;
  readonly gatewayUrl: string;
  readonly process: Spawned;
  run(): Promise<Run>;
  /** The process of a part, now. */
  pidOf(name: string): Promise<number>;
  /** Resolves when every part is ready to work. */
  untilReady(): Promise<void>;
  /** Ctrl-C; resolves when it has ended by itself. */
  end(): Promise<Ended>;
}

const readRun = async (data: string): Promise<Run> =>
  runSchema.parse(JSON.parse(await readFile(join(data, 'run.json'), 'utf8')));

const answersReady = async (healthUrl: string): Promise<boolean> => {
  try {
    return (await fetch(`${healthUrl}/readyz`)).ok;
  } catch {
    return false;
  }
};

/** Does anything accept connections at this URL's port? */
const accepts = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });

const notReady = async (data: string): Promise<readonly string[]> => {
  const { healthUrls } = await readRun(data);
  const states = await Promise.all(
    Object.entries(healthUrls).map(async ([name, url]) =>
      (await answersReady(url)) ? [] : [name],
    ),
  );
  return states.flat();
};

const untilUp = (process: Spawned): Promise<string> =>
  until('Flyball is up', { limitMs: startLimitMs, seen: process.err }, () => {
    if (!process.running()) throw new Error(`flyball ended instead of being up:\n${process.err()}`);
    return /Ctrl-C drains/.test(process.out()) && /gateway\s+(\S+)/.exec(process.out())?.[1];
  });

/** With a console, and so with traces; without these it has neither, and costs as little. */
export const withConsole = ['--console-port', '0'] as const;

/** Starts `flyball up` (or `all`) in the place, on a free port, and waits until it is up. */
export const startIn = async (
  place: Place,
  verb: 'up' | 'all',
  args: readonly string[] = [],
): Promise<Machine> => {
  const bare = args.includes('--console-port') ? [] : ['--no-console', '--no-traces'];
  const process = place.start(verb, '--port', '0', ...bare, ...args);
  const gatewayUrl = await untilUp(process).catch(async (error: unknown) => {
    // Nobody will end what never was up; why it was not is what matters.
    await place.leave().catch(() => undefined);
    throw error;
  });
  const run = () => readRun(place.data);
  return {
    place,
    gatewayUrl,
    process,
    run,
    pidOf: async (name) => {
      const found = (await run()).processes.find((one) => one.name === name);
      if (found === undefined) throw new Error(`No process ${name} is recorded.`);
      return found.pid;
    },
    untilReady: async () => {
      const seen = () => notReady(place.data);
      await until('every part is ready', { limitMs: readyLimitMs, seen }, async () => {
        return (await seen()).length === 0;
      });
    },
    end: async () => {
      process.kill('SIGINT');
      const seen = process.err;
      await until('flyball has ended', { limitMs: endLimitMs, seen }, () => !process.running());
      return process.ended;
    },
  };
};

/** Starts it with the articles' workload and settings, in a place of its own. */
export const startWithSample = async (
  verb: 'up' | 'all' = 'up',
  place?: Place,
  args: readonly string[] = [],
): Promise<Machine> => {
  const at = place ?? (await createPlace());
  const files = [await writeSettings(at), runLatestFile];
  return startIn(at, verb, ['-f', ...files, '--commands', commandsFile, ...args]);
};

const urlsOf = ({ gatewayUrl, natsUrl, redisUrl, platformUrl, consoleUrl, healthUrls }: Run) => [
  gatewayUrl,
  natsUrl,
  redisUrl,
  platformUrl,
  ...(consoleUrl === undefined ? [] : [consoleUrl]),
  ...Object.values(healthUrls),
];

/** Ends it in order, and rejects unless no process and no listening port is left of it. */
export const endMachine = async (machine: Machine | undefined): Promise<void> => {
  if (machine === undefined) return;
  try {
    const urls = urlsOf(await machine.run());
    const { code, err } = await machine.end();
    if (code !== 0) throw new Error(`flyball ended with exit code ${code}:\n${err}`);
    for (const url of urls) {
      if (await accepts(url)) throw new Error(`${url} still accepts connections.`);
    }
  } finally {
    await machine.place.leave();
  }
};
