/** Real deciders driven over a partition's story in memory, and the history that they leave. */
import { chainOf, chainStart, followsChain, partitionFilter } from '@flyball/contracts';
import type { DeciderState } from '@flyball/domain';
import {
  type AppendFaults,
  type MemoryEventLog,
  type MemoryServer,
  type StoredMessage,
  startMemoryServer,
} from '@flyball/event-log';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect } from 'vitest';
import { type Clock, systemClock } from '../clock.ts';
import { drive } from '../drive.ts';
import type { DriveOptions } from '../drive-options.ts';
import type { LeftState } from '../recover.ts';
import type { Recovery } from '../recovery-turns.ts';
import { createStageMetrics } from '../stage-metrics.ts';
import {
  createTeller,
  deterministicDecider,
  loads,
  opening,
  storyPartition,
  tick,
} from './partition-story.ts';
import { type StreamRoad, streamOver } from './stream-road.ts';

export const workloads = ['default/a', 'default/b', 'team/c'] as const;
const logger = pino({ level: 'silent' });

export interface Driver {
  /** Its connection, to be cut and restored. */
  readonly link: MemoryEventLog;
  /** Drains: with a snapshot. */
  stop(): Promise<void>;
  /** Ends as a kill does: nothing is written any more. */
  kill(): Promise<void>;
}

interface DriverOptions {
  readonly clock?: Clock;
  readonly isOwner?: () => boolean;
  readonly recovery?: Recovery<LeftState<DeciderState>>;
  /** The decider's way to EVENTS. */
  readonly road?: StreamRoad;
  readonly listening?: Pick<DriveOptions<DeciderState>, 'onStored' | 'onRecovered'>;
}

export const startDecider = (
  server: MemoryServer,
  stage = deterministicDecider,
  options: DriverOptions = {},
): Driver => {
  const { clock = systemClock, isOwner = (): boolean => true, recovery, road = {} } = options;
  const log = server.connect();
  const stop = new AbortController();
  const ended = drive({
    log: { ...log, events: streamOver(log.events, road) },
    stage,
    partition: storyPartition,
    signal: stop.signal,
    isOwner: () => log.status() === 'connected' && isOwner(),
    clock,
    logger,
    metrics: createStageMetrics('decider', new Registry()),
    ...(recovery === undefined ? {} : { recovery }),
    ...options.listening,
  });
  ended.catch(() => undefined);
  return {
    link: log,
    stop: async () => {
      stop.abort();
      await ended;
    },
    kill: async () => {
      log.disconnect();
      stop.abort();
      await log.close();
    },
  };
};

export const until = async (condition: () => Promise<boolean>): Promise<void> => {
  const untilMs = performance.now() + 5_000;
  while (!(await condition())) {
    if (performance.now() > untilMs) throw new Error('the condition never came');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

const everything = async (server: MemoryServer): Promise<readonly StoredMessage[]> => {
  const found: StoredMessage[] = [];
  const { events } = server.connect();
  const signal = new AbortController().signal;
  const options = { filter: partitionFilter(storyPartition), afterSeq: 0, signal };
  for await (const batch of events.readToEnd(options)) found.push(...batch);
  return found;
};

export const written = async (server: MemoryServer) =>
  (await everything(server)).filter(({ subject }) => /\.(decisions|progress)$/.test(subject));

/** Own messages by subject, without their places: two histories are equal when these are. */
export const history = async (server: MemoryServer): Promise<Record<string, string[]>> => {
  const bySubject = Map.groupBy(await written(server), ({ subject }) => subject);
  const entries = [...bySubject].map(([subject, messages]) => {
    const bodies = messages.map(({ body }) => body.replace(/"throughSeq":\d+|,"chain":"\w+"/g, ''));
    return [subject, bodies] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
};

export const expectWholeChains = async (server: MemoryServer): Promise<void> => {
  const chains = new Map<string, string>();
  for (const { subject, body } of await written(server)) {
    expect(followsChain(chains.get(subject) ?? chainStart, body)).toBe(true);
    chains.set(subject, chainOf(body) ?? '');
  }
};

export const decidedThrough = (server: MemoryServer, ticks: number) => async () =>
  (await written(server)).filter(({ subject }) => subject.endsWith('progress')).length >= ticks;

interface Story {
  readonly faults?: AppendFaults;
  /** Runs after the n-th tick (0: before the first) was told. */
  readonly between?: (server: MemoryServer, n: number) => Promise<void>;
}

export const tell = async ({
  faults,
  between = async () => undefined,
}: Story): Promise<MemoryServer> => {
  const server = startMemoryServer(faults === undefined ? {} : { faults });
  const teller = createTeller(server.connect());
  for (const event of workloads.flatMap(opening)) await teller(event);
  await between(server, 0);
  for (const [index, load] of loads.entries()) {
    await teller(tick(index + 1, workloads, load));
    await between(server, index + 1);
  }
  return server;
};

export const reference = async () => {
  const server = await tell({});
  const decider = startDecider(server);
  await until(decidedThrough(server, loads.length));
  await decider.stop();
  return history(server);
};

/** The same server, whose next connections are changed before they are used. */
export const connectingBy = (
  server: MemoryServer,
  change: (log: MemoryEventLog) => void,
): MemoryServer => ({
  ...server,
  connect: () => {
    const log = server.connect();
    change(log);
    return log;
  },
});

/** Tells on after the tail was lost: its last tick is the one that was kept. */
export const tellerAgain = async (server: MemoryServer, keptSeq: number) => {
  const log = server.connect();
  const last = await log.events.last('flyball.events.0.ticks');
  expect(last?.seq ?? 0).toBeLessThanOrEqual(keptSeq);
  return createTeller(log, last);
};
