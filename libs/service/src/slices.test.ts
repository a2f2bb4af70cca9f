/** Long work does not keep timers from ringing: leases are renewed by one. */
import { startMemoryServer } from '@flyball/event-log';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { type Clock, systemClock } from './clock.ts';
import { createPositionCheck } from './position-check.ts';
import { readPartition } from './read-partition.ts';
import { createSlices, sliceMs } from './slices.ts';
import { createStageMetrics } from './stage-metrics.ts';
import { createTeller, loads, opening, storyPartition, tick } from './testing/partition-story.ts';
import { openWriter } from './writer.ts';

/** A clock by hand, with turns by hand. */
const openClock = () => {
  const turns: (() => void)[] = [];
  const at = { ms: 0 };
  const clock: Clock = {
    nowMs: () => at.ms,
    monotonicMs: () => at.ms,
    after: () => () => undefined,
    nextTurn: () => new Promise((resolve) => turns.push(resolve)),
  };
  return { clock, turns, at };
};

it('a slice lasts its time, and the next begins in another turn of the loop', async () => {
  const { clock, turns, at } = openClock();
  const slices = createSlices(clock);
  at.ms = sliceMs - 1;
  expect(slices.next()).toBeUndefined();
  at.ms = sliceMs;
  const over = slices.next();
  await Promise.resolve();
  expect(turns).toHaveLength(1);
  at.ms = 3 * sliceMs;
  turns[0]?.();
  await over;
  expect(slices.next()).toBeUndefined();
});

it('one slice is worked off in a turn, whoever else waits', async () => {
  const { clock, turns, at } = openClock();
  const all = [createSlices(clock), createSlices(clock), createSlices(clock)];
  at.ms = sliceMs;
  const gone: number[] = [];
  for (const [index, slices] of all.entries()) void slices.next()?.then(() => gone.push(index));
  for (const _ of all) {
    await new Promise(setImmediate);
    const before = gone.length;
    for (const turn of turns.splice(0)) turn();
    await new Promise(setImmediate);
    expect(gone.length - before).toBe(1);
  }
  expect(gone).toEqual([0, 1, 2]);
});

it('a batch of events that takes long to fold is folded in slices', async () => {
  const log = startMemoryServer().connect();
  const tell = createTeller(log);
  for (const event of opening('default/a')) await tell(event);
  for (const [n, load] of loads.entries()) await tell(tick(n + 1, ['default/a'], load));
  const { createdAt: streamCreatedAt, lastSeq } = await log.events.state();
  const stop = new AbortController();
  const { signal } = stop;
  let seq = 0;
  const rings: number[] = [];
  const ring = () => {
    rings.push(seq);
    if (!signal.aborted) setTimeout(ring, 1);
  };
  setTimeout(ring, 1);
  const position = () => ({ streamCreatedAt, seq, eventId: '' });
  await readPartition({
    options: {
      ...{ log, partition: storyPartition, clock: systemClock },
      metrics: createStageMetrics('decider', new Registry()),
    },
    signal,
    writer: openWriter({
      ...{ stream: log.events, foldedThroughSeq: 0, clock: systemClock, signal },
    }),
    check: createPositionCheck({
      ...{ log, stream: log.events, position, clock: systemClock, signal },
      onLost: () => undefined,
    }),
    position,
    take: async (message) => {
      const untilMs = performance.now() + sliceMs;
      while (performance.now() < untilMs);
      seq = message.seq;
    },
    onTaken: () => {
      if (seq === lastSeq) stop.abort();
    },
    onBatch: async () => undefined,
  });
  expect(new Set(rings).size).toBeGreaterThan(loads.length);
});
