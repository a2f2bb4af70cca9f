/** The laws of samples: order, redelivery and snapshots change nothing; sources add up. */
import type { WorkloadKey } from '@flyball/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { step } from '../stage.ts';
import type { WindowerInput } from './input.ts';
import { compareMirror, sourceSeconds } from './mirror.ts';
import {
  type BatchOf,
  bringUp,
  createPartitionLog,
  examplePolicy,
  type PartitionLog,
  rowIn,
  type SampleRow,
} from './partition-log.fixture.ts';
import { restoreWindower, snapshotWindower } from './snapshot.ts';
import type { WindowerState } from './state.ts';
import { windower } from './windower.ts';

const seed = 20260101;
const workloads: readonly WorkloadKey[] = ['default/web', 'shop/api', 'x/y'];
const lastSecond = 50;

const rowsArbitrary = fc
  .array(fc.option(fc.integer({ min: 0, max: 1e6 }), { nil: null, freq: 10 }), {
    minLength: workloads.length,
    maxLength: workloads.length,
  })
  .map((values) =>
    workloads.map(
      (workload, row): SampleRow => ({ workload, concurrencyMilli: values[row] ?? null }),
    ),
  );

const batchArbitrary: fc.Arbitrary<BatchOf> = fc.record({
  source: fc.constantFrom('activator-1', 'activator-2', 'scrape-0'),
  second: fc.integer({ min: 0, max: lastSecond }),
  rows: rowsArbitrary,
});

/** One whole batch per source and second, so that their order says nothing. */
const batches = fc.uniqueArray(batchArbitrary, {
  minLength: 1,
  maxLength: 60,
  selector: ({ source, second }) => `${source} ${second}`,
});

const fresh = (): PartitionLog => {
  const log = createPartitionLog();
  for (const workload of workloads) bringUp(log, workload);
  return log;
};

const tickMs = (lastSecond + 1) * 1000 + 200;
const averagesOf = (log: PartitionLog) => {
  const outputs = log.tick(tickMs);
  return workloads.map((workload) => rowIn(outputs, workload));
};

/** The averages after these batches, with ticks in between where asked for. */
const after = (told: readonly BatchOf[], tickAfter: readonly number[] = []) => {
  const log = fresh();
  told.forEach((batch, index) => {
    log.sample({ ...batch, sentMs: tickMs });
    if (tickAfter.includes(index)) log.tick(((index + 1) * 50_000) / told.length);
  });
  for (const workload of log.state.workloads.values()) workload.sent = undefined;
  return averagesOf(log);
};

describe('samples', () => {
  test('of one window commute, whatever ticks come in between', () => {
    const cases = batches.chain((told) =>
      fc.record({
        told: fc.constant(told),
        otherwise: fc.shuffledSubarray(told, { minLength: told.length }),
        tickAfter: fc.array(fc.nat({ max: 59 }), { maxLength: 3 }),
      }),
    );
    const covered = { source: 'idle', rows: [], covered: workloads };
    // Someone covers each second, so that no tick in between finds a workload unobserved.
    const cover = Array.from({ length: lastSecond + 1 }, (_, second) => ({ ...covered, second }));
    fc.assert(
      fc.property(cases, ({ told, otherwise, tickAfter }) => {
        expect(after([...cover, ...otherwise], tickAfter)).toEqual(after([...cover, ...told]));
      }),
      { seed, numRuns: 60 },
    );
  });

  test('told again, or told first as something else, count once', () => {
    const cases = batches.chain((told) =>
      fc.record({
        told: fc.constant(told),
        again: fc.subarray(told),
        partial: fc.boolean(),
        wrong: rowsArbitrary,
      }),
    );
    fc.assert(
      fc.property(cases, ({ told, again, partial, wrong }) => {
        const first = again.map((batch) => ({ ...batch, partial, rows: wrong.slice(0, 2) }));
        // A tick after the wrong ones has them in the windows already: they are corrected there.
        const cover = { source: 'idle', second: lastSecond, rows: [], covered: workloads };
        const ticked = [first.length];
        expect(after([...first, cover, ...told, ...again], ticked)).toEqual(
          after([cover, ...told]),
        );
      }),
      { seed, numRuns: 60 },
    );
  });

  test('of several sources add up to what one source would have said', () => {
    const measured = rowsArbitrary.map((rows) =>
      rows.map((row) => ({ ...row, concurrencyMilli: row.concurrencyMilli ?? 0 })),
    );
    const seconds = fc.array(fc.tuple(measured, measured), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(seconds, (pairs) => {
        const apart = pairs.flatMap(([a, b], second): BatchOf[] => [
          { source: 'a', second, rows: a },
          { source: 'b', second, rows: b },
        ]);
        const together = pairs.map(
          ([a, b], second): BatchOf => ({
            source: 'a',
            second,
            rows: a.map((row, at) => ({
              ...row,
              concurrencyMilli: (row.concurrencyMilli ?? 0) + (b[at]?.concurrencyMilli ?? 0),
            })),
          }),
        );
        expect(after(apart)).toEqual(after(together));
      }),
      { seed, numRuns: 60 },
    );
  });
});

/** A life of samples, ticks, pods and policies, as inputs that can be told to any state. */
const lifeOf = (told: readonly BatchOf[], resizedAt: number): readonly WindowerInput[] => {
  const log = fresh();
  for (let second = 0; second < 200; second += 1) {
    for (const batch of told) if (batch.second === second % 60) log.sample({ ...batch, second });
    if (second === resizedAt)
      bringUp(log, 'shop/api', { atMs: second * 1000, policy: { metric: 'rps' } });
    if (second === resizedAt) {
      const policy = examplePolicy({ stableWindowMs: 90_000 });
      const about = { workload: 'x/y' as const, atMs: second * 1000 };
      log.tell('PolicySet', about, { policy, layers: {}, warnings: [] });
    }
    if (second % 2 === 0) log.tick(second * 1000 + 200);
  }
  return log.told;
};

const run = (state: WindowerState, inputs: readonly WindowerInput[]) => {
  let current = state;
  const outputs = inputs.flatMap((input) => {
    const stepped = step(windower, current, input);
    current = stepped.state;
    return stepped.outputs;
  });
  return { state: current, outputs };
};

/** As a taker-over does it: the snapshot as JSON, the seconds from the store, the ticks again. */
const takenOver = (state: WindowerState, inputs: readonly WindowerInput[]): WindowerState => {
  const snapshot = JSON.parse(JSON.stringify(snapshotWindower(state)));
  const stored = { cursorSeq: state.samplesThroughSeq, seconds: sourceSeconds(state) };
  const taken = restoreWindower(0, snapshot, stored);
  expect(compareMirror(stored.seconds, sourceSeconds(taken))).toEqual([]);
  for (const input of inputs) {
    if (input.type !== 'TickObserved' || input.seq < snapshot.ticksFromSeq) continue;
    windower.evolve(taken, input);
  }
  return taken;
};

describe('a snapshot', () => {
  test('anywhere changes no tick', () => {
    const cases = fc.tuple(batches, fc.nat({ max: 199 }), fc.nat({ max: 1000 }));
    fc.assert(
      fc.property(cases, ([told, resizedAt, thousandths]) => {
        const inputs = lifeOf(told, resizedAt);
        const ownTick = (input: WindowerInput) => input.type === 'TickObserved';
        let cut = Math.floor((thousandths * inputs.length) / 1000);
        // Taken when what was decided has been appended and has come back.
        while (cut < inputs.length && ownTick(inputs[cut] ?? { type: 'TickDue', atMs: 0 }))
          cut += 1;
        const before = run(windower.initialState(0), inputs.slice(0, cut));
        const taken = takenOver(before.state, inputs.slice(0, cut));
        const rest = inputs.slice(cut);
        const expected = run(before.state, rest).outputs;
        const ticks = (outputs: typeof expected) =>
          outputs.filter(({ type }) => type === 'TickObserved');
        const minutes = (outputs: typeof expected) =>
          outputs.filter(({ type }) => type === 'MinuteRecorded').map(({ id }) => id);
        const found = run(taken, rest).outputs;
        expect(ticks(found)).toEqual(ticks(expected));
        expect(minutes(found)).toEqual(minutes(expected));
      }),
      { seed, numRuns: 40 },
    );
  });
});
