/** What a snapshot may hold: only what the log holds as well, told by who owns the partition. */
import { openMemoryEventLog } from '@flyball/event-log';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { recover } from './recover.ts';
import { createSnapshotter, snapshotEveryMs } from './snapshotter.ts';
import { createStageMetrics } from './stage-metrics.ts';
import {
  decidedThrough,
  history,
  reference,
  startDecider,
  tell,
  until,
} from './testing/driven-decider.ts';
import { deterministicDecider, loads, storyPartition } from './testing/partition-story.ts';

test('keeps no snapshot of what is not in the log yet', async () => {
  let refusing = true;
  const server = await tell({
    faults: (_stream, { subject }) =>
      refusing && subject.endsWith('.decisions') ? 'message-lost' : 'none',
  });
  let hurriedMs = 0;
  const hurried = {
    ...systemClock,
    monotonicMs: () => {
      hurriedMs += snapshotEveryMs;
      return hurriedMs;
    },
  };
  const first = startDecider(server, deterministicDecider, { clock: hurried });
  await until(decidedThrough(server, loads.length));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await server.connect().snapshots.keys()).toEqual([]);
  await first.kill();
  refusing = false;
  const second = startDecider(server);
  const whole = JSON.stringify(await reference());
  await until(async () => JSON.stringify(await history(server)) === whole);
  await second.stop();
});

test.each([
  ['who owns the partition', true, ['decider.0']],
  ['who does not own it any more', false, []],
])('%s stores at its end: %s', async (_who, owns, keys) => {
  const server = await tell({});
  const decider = startDecider(server, deterministicDecider, { isOwner: () => owns });
  await until(decidedThrough(server, loads.length));
  await decider.stop();
  expect(await server.connect().snapshots.keys()).toEqual(keys);
});

test('a snapshot of another version of the state is folded anew, and says so', async () => {
  const server = await tell({});
  const decider = startDecider(server);
  await until(decidedThrough(server, loads.length));
  await decider.stop();
  const { stage, snapshotVersion, fromSnapshot } = deterministicDecider;
  const recovered = (version: number) =>
    recover({
      ...{ log: server.connect(), stage: stage.name, partition: storyPartition, fromSnapshot },
      ...{ snapshotVersion: version, initialState: stage.initialState },
    });
  expect((await recovered(snapshotVersion)).from).toEqual({ kind: 'snapshot' });
  const { from, position } = await recovered(snapshotVersion + 1);
  expect(from).toMatchObject({ kind: 'beginning', reason: expect.stringContaining('version') });
  expect(position.seq).toBe(0);
});

test('partitions of one process write their snapshots one after the other', () => {
  const [log, logger] = [openMemoryEventLog(), pino({ level: 'silent' })];
  const metrics = createStageMetrics('decider', new Registry());
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const written = { position: { streamCreatedAt: 'then', seq: 0, eventId: '' }, refoldId: '' };
  const snapshotters = Array.from({ length: 8 }, (_, partition) => {
    const options = { log, stage: deterministicDecider, partition, clock, logger, metrics };
    return createSnapshotter(options, written);
  });
  const tickMs = 2_000;
  const due = Array.from({ length: snapshotEveryMs / tickMs }, (_, tick) => {
    nowMs = (tick + 1) * tickMs;
    const seq = tick + 1;
    const now = snapshotters.filter((one) => one.due(seq));
    for (const one of now)
      one.store({ seq, eventId: 'x', state: { state: {}, fences: {} }, connection: 1 });
    return now.length;
  });
  expect(Math.max(...due)).toBe(1);
  expect(due.reduce((sum, count) => sum + count, 0)).toBe(snapshotters.length);
});
