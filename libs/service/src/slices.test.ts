/** Long work does not keep timers from ringing: leases are renewed by one. */
import { startMemoryServer } from '@flyball/event-log';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { createPositionCheck } from './position-check.ts';
import { readPartition } from './read-partition.ts';
import { createSlices, sliceMs } from './slices.ts';
import { createStageMetrics } from './stage-metrics.ts';
import { createTeller, loads, opening, storyPartition, tick } from './testing/partition-story.ts';
import { openWriter } from './writer.ts';

it('a slice lasts its time, and the next begins when the loop has been let through', async () => {
  let nowMs = 0;
  const waiting: (() => void)[] = [];
  const slices = createSlices({
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (_, action) => {
      waiting.push(action);
      return () => undefined;
    },
  });
  nowMs = sliceMs - 1;
  expect(slices.next()).toBeUndefined();
  nowMs = sliceMs;
  const over = slices.next();
  expect(waiting).toHaveLength(1);
  nowMs = 3 * sliceMs;
  waiting[0]?.();
  await over;
  expect(slices.next()).toBeUndefined();
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
