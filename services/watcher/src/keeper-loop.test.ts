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

const storedBy = async (log: EventLog, stage: 'decider' | 'windower', seq: number) => {
  const { createdAt: streamCreatedAt } = await log.events.state();
  const state = { state: { ticksFromSeq: seq }, fences: {} };
  const snapshot = { streamCreatedAt, seq, eventId: `t${seq}`, algorithm: 1, state };
  await storeSnapshot(log.snapshots, { stage, partition }, snapshot);
};

it('leaves one round to an owner that wakes late and stores an older snapshot', async () => {
  const time = new VirtualTime();
  const log = startMemoryServer().connect();
  const living = beginLife({
    ...{ service: 'watcher', instance: '1', clock: virtualClock(time, 0), random: () => 0 },
    logger: pino({ level: 'silent' }),
    onCrash: (error) => {
      throw error;
    },
  });
  const activators = { forgetVanished: async () => 0 };
  const parts = { log, keeper: log, life: living.life, keepEveryMs };
  for (let seq = 1; seq <= 30; seq += 1) {
    const message = { subject: ticks, id: `t${seq}`, body: '{}', expectedLastSeq: seq - 1 };
    await log.events.append(message);
  }
  const first = async (): Promise<number> => {
    const reading = { filter: ticks, afterSeq: 0, signal: AbortSignal.timeout(5_000) };
    for await (const [message] of log.events.readToEnd(reading)) return message?.seq ?? 0;
    return 0;
  };
  await storedBy(log, 'windower', 30);
  await storedBy(log, 'decider', 10);
  runKeeper({ ...parts, activators, owned: new Set([partition]) });
  await time.run(1.5 * keepEveryMs);
  // Its heir went on; then the stopped decider wakes, and the snapshot it was writing arrives.
  await storedBy(log, 'decider', 20);
  await time.run(2.5 * keepEveryMs);
  await storedBy(log, 'decider', 10);
  expect(await first()).toBe(10);
  await storedBy(log, 'decider', 20);
  await time.run(4.5 * keepEveryMs);
  expect(await first()).toBe(20);
  const drained = living.drain();
  await time.run(5 * keepEveryMs);
  await drained;
});
