/** The keeper's rounds: what a late snapshot of a stopped owner still needs is there. */
import { partitionSubject } from '@flyball/contracts';
import { type EventLog, startMemoryServer, storeSnapshot } from '@flyball/event-log';
import { beginLife } from '@flyball/service';
import { VirtualTime, virtualClock } from '@flyball/service/testing';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { runKeeper } from './keeper-loop.ts';

const partition = 0;
const ticks = partitionSubject(partition, 'ticks');
const keepEveryMs = 60_000;

const append = async (log: EventLog, id: string): Promise<void> => {
  const expectedLastSeq = (await log.events.last(ticks))?.seq ?? 0;
  const told = await log.events.append({ subject: ticks, id, body: '{}', expectedLastSeq });
  expect(told.kind).toBe('stored');
};

const appendThrough = async (log: EventLog, through: number, of = 't'): Promise<void> => {
  const { lastSeq } = await log.events.state();
  for (let seq = lastSeq + 1; seq <= through; seq += 1) await append(log, `${of}${seq}`);
};

const idsIn = async (log: EventLog): Promise<string[]> => {
  const ids: string[] = [];
  const reading = { filter: ticks, afterSeq: 0, signal: AbortSignal.timeout(5_000) };
  for await (const batch of log.events.readToEnd(reading)) ids.push(...batch.map(({ id }) => id));
  return ids;
};

/** A keeper of one partition; `ended` ends its rounds. */
const keptBy = (log: EventLog) => {
  const time = new VirtualTime();
  const living = beginLife({
    ...{ service: 'watcher', instance: '1', clock: virtualClock(time, 0), random: () => 0 },
    logger: pino({ level: 'silent' }),
    onCrash: (error) => {
      throw error;
    },
  });
  const activators = { forgetVanished: async () => 0 };
  const owned = new Set([partition]);
  runKeeper({ log, keeper: log, life: living.life, activators, owned, keepEveryMs });
  const rounds = (through: number) => time.run((through + 0.5) * keepEveryMs);
  const ended = async (through: number): Promise<void> => {
    const drained = living.drain();
    await rounds(through);
    await drained;
  };
  return { rounds, ended };
};

const storedBy = async (log: EventLog, stage: 'decider' | 'windower', seq: number, of = 't') => {
  const { createdAt: streamCreatedAt } = await log.events.state();
  const state = { state: { ticksFromSeq: seq }, fences: {} };
  const snapshot = { streamCreatedAt, seq, eventId: `${of}${seq}`, algorithm: 1, state };
  await storeSnapshot(log.snapshots, { stage, partition }, snapshot);
};

it('leaves one round to an owner that wakes late and stores an older snapshot', async () => {
  const log = startMemoryServer().connect();
  await appendThrough(log, 30);
  await storedBy(log, 'windower', 30);
  await storedBy(log, 'decider', 10);
  const { rounds, ended } = keptBy(log);
  await rounds(1);
  // Its heir went on; then the stopped decider wakes, and the snapshot it was writing arrives.
  await storedBy(log, 'decider', 20);
  await rounds(2);
  await storedBy(log, 'decider', 10);
  expect((await idsIn(log))[0]).toBe('t10');
  await storedBy(log, 'decider', 20);
  await rounds(4);
  expect((await idsIn(log))[0]).toBe('t20');
  await ended(5);
});

/** A log of thirty ticks, all of them held by both snapshots. */
const heldThrough30 = async () => {
  const server = startMemoryServer();
  const log = server.connect();
  await appendThrough(log, 30);
  await storedBy(log, 'windower', 30);
  await storedBy(log, 'decider', 30);
  return { server, log };
};

it('purges nothing of a log made anew by sequences of the one before', async () => {
  const { server, log } = await heldThrough30();
  const { rounds, ended } = keptBy(log);
  await rounds(1);
  server.recreate('EVENTS');
  await appendThrough(log, 15, 'new');
  await rounds(3);
  expect(await idsIn(log)).toHaveLength(15);
  // Once both stages have snapshots of it, it is purged like any other.
  await storedBy(log, 'windower', 10, 'new');
  await storedBy(log, 'decider', 10, 'new');
  await rounds(5);
  expect((await idsIn(log))[0]).toBe('new10');
  await ended(6);
});

it('purges nothing of what took the place of a lost tail before snapshots hold it', async () => {
  const { server, log } = await heldThrough30();
  server.loseTail('EVENTS', 20);
  const { rounds, ended } = keptBy(log);
  await rounds(2);
  expect(await idsIn(log)).toHaveLength(20);
  await appendThrough(log, 35, 'new');
  await rounds(4);
  expect(await idsIn(log)).toHaveLength(35);
  // One of the two still speaks of what was lost.
  await storedBy(log, 'windower', 35, 'new');
  await rounds(6);
  expect(await idsIn(log)).toHaveLength(35);
  await storedBy(log, 'decider', 25, 'new');
  await rounds(8);
  expect((await idsIn(log))[0]).toBe('new25');
  await ended(9);
});

it('purges no further than both rounds allow when the log lost its tail between them', async () => {
  const { server, log } = await heldThrough30();
  const { rounds, ended } = keptBy(log);
  await rounds(1);
  server.loseTail('EVENTS', 20);
  await appendThrough(log, 35, 'new');
  await storedBy(log, 'windower', 24, 'new');
  await storedBy(log, 'decider', 22, 'new');
  await rounds(2);
  expect((await idsIn(log))[0]).toBe('new22');
  await ended(3);
});
