/** What an effectful stage believes to have said is in the log: else it would say it never. */
import {
  type EventDataByName,
  encodeEvent,
  eventFrom,
  type FlyballEvent,
  partitionSubject,
  type RecordedEvent,
  type WorkloadKey,
} from '@flyball/contracts';
import { type MemoryServer, startMemoryServer } from '@flyball/event-log';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, systemClock } from './clock.ts';
import type { EffectfulStage } from './effectful-stage.ts';
import { fenceAfter, noFence } from './fences.ts';
import { followStage } from './follow-stage.ts';
import { snapshotEveryMs } from './snapshotter.ts';
import { createStageMetrics } from './stage-metrics.ts';
import { createTeller, storyPartition, tick } from './testing/partition-story.ts';
import { type StreamRoad, streamOver } from './testing/stream-road.ts';
import { VirtualTime, virtualClock } from './testing/virtual-time.ts';

const workload: WorkloadKey = 'default/a';
const subject = partitionSubject(storyPartition, 'incidents');

interface Known {
  readonly ticks: { readonly id: string; readonly atMs: number }[];
  readonly told: string[];
}

const data: EventDataByName['LogTruncated'] = {
  ...{ stage: 'watcher', expectedSeq: 2, expectedId: 'a', foundSeq: 1 },
  ...{ expectedStreamCreatedAt: 'then', foundStreamCreatedAt: 'then' },
};
const factOf = (cause: { readonly id: string; readonly atMs: number }): FlyballEvent =>
  eventFrom({
    ...{ type: 'LogTruncated', pen: 'incidents', partition: storyPartition, source: '/story' },
    ...{ cause, data },
  });

/** Tells a fact of each tick; of one that is not told yet it tells at the next. */
const stage: EffectfulStage<Known, never, FlyballEvent, never> = {
  stage: {
    name: 'watcher',
    initialState: () => ({ ticks: [], told: [] }),
    evolve: (state, fact) => {
      if (fact.type === 'TickObserved') state.ticks.push({ id: fact.id, atMs: fact.atMs });
      if (fact.type === 'LogTruncated') state.told.push(fact.id);
      return state;
    },
    decide: (input, { ticks, told }) =>
      input.type !== 'TickObserved' ? [] : ticks.map(factOf).filter(({ id }) => !told.includes(id)),
  },
  ...{ ownPens: ['incidents'], passesBy: [], snapshotVersion: 1 },
  isCommand: (output): output is never => !('pen' in output),
  toSnapshot: (state) => state,
  fromSnapshot: (snapshot) => snapshot as Known,
};

interface Running {
  readonly log: ReturnType<MemoryServer['connect']>;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

let server: MemoryServer;
let running: Running[];
let tellTick: () => Promise<FlyballEvent>;

const start = (road: StreamRoad = {}, clock: Clock = systemClock) => {
  const log = server.connect();
  const stop = new AbortController();
  const live = Promise.withResolvers<void>();
  let lives = 0;
  const ended = followStage({
    log: { ...log, events: streamOver(log.events, road) },
    ...{ stage, partition: storyPartition, signal: stop.signal, clock, isOwner: () => true },
    logger: pino({ level: 'silent' }),
    metrics: createStageMetrics('watcher', new Registry()),
    onLive: () => {
      lives += 1;
      live.resolve();
    },
  });
  running.push({ log, stop, ended });
  return { log, live: live.promise, lives: () => lives, stop };
};

/** The facts in the log, by their ticks. */
const facts = async (): Promise<string[]> => {
  const found: string[] = [];
  const reading = { filter: subject, afterSeq: 0, signal: AbortSignal.timeout(5_000) };
  for await (const batch of server.connect().events.readToEnd(reading)) {
    found.push(...batch.map(({ id }) => id.split('-')[0] ?? ''));
  }
  return found;
};

beforeEach(() => {
  server = startMemoryServer();
  running = [];
  const teller = createTeller(server.connect());
  let ticks = 0;
  tellTick = async () => {
    ticks += 1;
    const told = tick(ticks, [workload], 1);
    await teller(told);
    return told;
  };
});
afterEach(async () => {
  for (const { log, stop } of running) {
    stop.abort();
    await log.close();
  }
  await Promise.all(running.map(({ ended }) => ended));
});

it('a fact that was refused is told again', async () => {
  const { log, live } = start();
  await live;
  await tellTick();
  await expect.poll(facts).toEqual(['w1']);
  log.disconnect();
  await tellTick();
  const { events } = server.connect();
  const last = await events.last(subject);
  const { seq: expectedLastSeq, chain } = last === undefined ? noFence : fenceAfter(last);
  const theirs = factOf({ id: 'rival-1', atMs: 1 });
  const { body } = encodeEvent(theirs as RecordedEvent, chain);
  await events.append({ subject, id: theirs.id, body, expectedLastSeq });
  log.reconnect();
  const afterTheNext = async (): Promise<string[]> => {
    await tellTick();
    return facts();
  };
  await expect.poll(afterTheNext, { timeout: 5_000 }).toContain('w2');
});

it('a fact that was stored, and is gone before it came back, is told again', async () => {
  const reading = Promise.withResolvers<void>();
  const { log, live, lives } = start({ read: () => reading.promise });
  await live;
  await tellTick();
  await expect.poll(facts).toEqual(['w1']);
  const kept = server.lastSeq('EVENTS') - 1;
  log.disconnect();
  server.loseTail('EVENTS', kept);
  log.reconnect();
  reading.resolve();
  await expect.poll(lives, { timeout: 5_000 }).toBe(2);
  await tellTick();
  await expect.poll(facts, { timeout: 5_000 }).toEqual(['w1', 'w2']);
});

it('a fact that never came to the log is in no snapshot: the next owner tells it', async () => {
  const time = new VirtualTime();
  const lost = Promise.withResolvers<void>();
  const { log, live, stop } = start({ append: () => lost.promise }, virtualClock(time, 0));
  await live;
  // A snapshot is due with the next batch, and would have been stored once time went on.
  await time.run(snapshotEveryMs);
  await tellTick();
  await time.run(snapshotEveryMs + 1);
  // As a kill does: nothing of it arrives any more.
  await log.close();
  stop.abort();
  lost.resolve();
  const next = start();
  await next.live;
  await tellTick();
  await expect.poll(facts, { timeout: 5_000 }).toEqual(['w1', 'w2']);
});
