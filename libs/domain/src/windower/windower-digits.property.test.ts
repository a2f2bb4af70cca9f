/** Random lives of a partition, each average judged by one that is made from all samples. */
import type { FlyballEvent, Policy, WorkloadKey } from '@flyball/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WindowerModel } from '../testing/windower-model.ts';
import type { SampleBatch, WindowerOutput } from './input.ts';
import { compareMirror, sourceSeconds } from './mirror.ts';
import {
  type BatchOf,
  bringUp,
  createPartitionLog,
  examplePolicy,
  type PartitionLog,
  type SampleRow,
  startMs,
} from './partition-log.fixture.ts';
import { restoreWindower, snapshotWindower } from './snapshot.ts';
import { windower } from './windower.ts';

const seed = 20260101;
/** Each life is judged from scratch at each tick: seconds, where others use the processor too. */
const limitMs = 30_000;
const workloads: readonly WorkloadKey[] = ['default/web', 'shop/api'];
const [web = 'default/web'] = workloads;
const sources = ['activator-1', 'scrape-0'] as const;
/** Nobody looks for longer than it takes to be blind, or for a whole window. */
const silencesS = [7, 12, 65];

const value = fc.option(fc.integer({ min: 0, max: 1e6 }), { nil: null, freq: 12 });
const lateS = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 12 }) },
  { weight: 1, arbitrary: fc.integer({ min: 13, max: 80 }) },
);
const policyChange: fc.Arbitrary<Partial<Policy>> = fc.oneof(
  fc.constantFrom(
    { stableWindowMs: 6_000, panicWindowMs: 1_000 },
    { stableWindowMs: 30_000, panicWindowMs: 3_000 },
    { stableWindowMs: 60_000, panicWindowMs: 6_000 },
    { stableWindowMs: 3_600_000, panicWindowMs: 360_000 },
  ),
  fc.constantFrom<Partial<Policy>>({ metric: 'rps' }, { metric: 'concurrency' }),
  fc.constantFrom<Partial<Policy>>(
    { metricAggregationAlgorithm: 'weighted-exponential' },
    { metricAggregationAlgorithm: 'linear' },
  ),
);

/** One second: what each source says of it and when, what it says again, and what else happens. */
const secondArbitrary = fc.record({
  batches: fc.tuple(
    ...sources.map(() =>
      fc.option(
        fc.record({
          lateS,
          values: fc.tuple(value, value),
          names: fc.constantFrom('both', 'both', 'both', 'first', 'covered'),
        }),
        { nil: undefined, freq: 8 },
      ),
    ),
  ),
  again: fc.option(fc.record({ which: fc.nat(), values: fc.option(fc.tuple(value, value)) }), {
    nil: undefined,
    freq: 3,
  }),
  poked: fc.option(fc.integer({ min: 0, max: 1e6 }), { nil: undefined, freq: 3 }),
  happens: fc.oneof(
    { weight: 25, arbitrary: fc.constant('nothing' as const) },
    { weight: 2, arbitrary: policyChange },
    { weight: 1, arbitrary: fc.constantFrom('pods go' as const, 'pods come' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...silencesS) },
  ),
});
type Second = typeof secondArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

const rowsOf = (values: readonly (number | null)[], count = 2): readonly SampleRow[] =>
  workloads.slice(0, count).map((workload, row) => {
    const concurrencyMilli = values[row] ?? null;
    const requestsMilli = concurrencyMilli === null ? null : concurrencyMilli * 3;
    return { workload, concurrencyMilli, requestsMilli };
  });

interface Life {
  readonly log: PartitionLog;
  readonly model: WindowerModel;
  readonly told: BatchOf[];
  readonly policies: Map<WorkloadKey, Policy>;
}

const begin = (): Life => {
  const log = createPartitionLog();
  const [model, policies] = [new WindowerModel(), new Map<WorkloadKey, Policy>()];
  for (const workload of workloads) {
    bringUp(log, workload);
    policies.set(workload, examplePolicy());
    model.appear(workload, examplePolicy(), startMs);
  }
  return { log, model, told: [], policies };
};

interface SaidAverages {
  readonly stableMilli: number | null | undefined;
  readonly panicMilli: number | null | undefined;
}

const judge = (said: SaidAverages, expected: ReturnType<WindowerModel['averages']>): void => {
  if (expected === undefined) {
    expect(said).toEqual({ stableMilli: null, panicMilli: null });
    return;
  }
  // Of weighted averages the last bits differ, and with them the side to which a half is rounded.
  const sure = expected.algorithm === 'linear' ? 0 : 1e-9 * expected.panicMilli + 1e-9;
  for (const which of ['stableMilli', 'panicMilli'] as const) {
    const [least, most] = [expected[which] - sure, expected[which] + sure].map(Math.round);
    expect([least, most]).toContain(said[which]);
  }
};

const judgePokes = ({ model }: Life, outputs: readonly WindowerOutput[]): void => {
  for (const output of outputs) {
    if (output.type !== 'TickObserved') continue;
    const { atMs, data } = output as FlyballEvent<'TickObserved'>;
    data.rows.workloads.forEach((key, row) => {
      const nowSecond = Math.min(Math.floor(atMs / 1000), model.coveredSecond(key));
      const [stableMilli, panicMilli] = [data.rows.stableMilli[row], data.rows.panicMilli[row]];
      judge({ stableMilli, panicMilli }, model.averages(key, nowSecond));
    });
  }
};

const sample = (life: Life, batch: BatchOf): void => {
  const outputs = life.log.sample(batch);
  life.model.sample(
    life.log.told.findLast(({ type }) => type === 'SamplesReported') as SampleBatch,
  );
  life.told.push(batch);
  judgePokes(life, outputs);
};

const tick = (life: Life, second: number): void => {
  const { log, model } = life;
  log.tick(second * 1000 + 200);
  const boundarySecond = startMs / 1000 + second;
  model.tick(boundarySecond);
  for (const key of workloads) {
    const sent = log.state.workloads.get(key)?.sent;
    if (sent?.seen === 'unobserved') model.restart(key);
    const said = { stableMilli: sent?.stableMilli, panicMilli: sent?.panicMilli };
    judge(said, model.averages(key, boundarySecond - 1));
  }
};

const changePolicy = ({ log, model, policies }: Life, change: Partial<Policy>, atMs: number) => {
  const policy = { ...(policies.get(web) ?? examplePolicy()), ...change };
  policies.set(web, policy);
  log.tell('PolicySet', { workload: web, atMs }, { policy, layers: {}, warnings: [] });
  model.setPolicy(web, policy, startMs + atMs);
};

const happen = (life: Life, happens: Second['happens'], atMs: number): void => {
  if (typeof happens === 'object') changePolicy(life, happens, atMs);
  if (happens === 'pods go') life.log.tell('PodGone', { workload: web, atMs }, { pod: 'pod-0' });
  if (happens === 'pods come') life.log.tell('PodReady', { workload: web, atMs }, { pod: 'pod-0' });
};

/** What is kept whatever the windows are: older words are new ones to the windower. */
const rememberedS = 150;

const sampleAgain = (life: Life, again: Second['again'], sentMs: number): void => {
  const known = life.told.filter(({ second }) => second * 1000 > sentMs - rememberedS * 1000);
  const before = known[(again?.which ?? 0) % Math.max(1, known.length)];
  if (again === undefined || before === undefined) return;
  const rows = again.values === null ? before.rows : rowsOf(again.values);
  sample(life, { ...before, rows: rows ?? [], sentMs });
};

/** Lives through the seconds; `after` is called after each, and told how many it were. */
const live = (life: Life, lives: readonly Second[], after: (lived: number) => void): void => {
  const later = new Map<number, BatchOf[]>();
  let second = 0;
  lives.forEach((now, index) => {
    const skipped = typeof now.happens === 'number' ? now.happens : 0;
    for (let at = second; at < second + skipped; at += 1) if (at % 2 === 0) tick(life, at);
    second += skipped;
    if (second % 2 === 0) tick(life, second);
    if (now.poked !== undefined) {
      const rows = [{ workload: web, concurrencyMilli: now.poked, inFlight: 1 }];
      sample(life, {
        source: sources[0],
        second,
        partial: true,
        sentMs: second * 1000 + 500,
        rows,
      });
    }
    happen(life, now.happens, second * 1000 + 700);
    now.batches.forEach((batch, source) => {
      if (batch === undefined) return;
      const { names, values, lateS: late } = batch;
      const said: BatchOf = {
        source: sources[source] ?? sources[0],
        second,
        ...(names === 'covered' ? { covered: workloads } : {}),
        rows: names === 'covered' ? [] : rowsOf(values, names === 'first' ? 1 : 2),
      };
      const dueAt = second + late;
      later.set(dueAt, [...(later.get(dueAt) ?? []), said]);
    });
    for (const [dueAt, said] of later) {
      if (dueAt > second) continue;
      later.delete(dueAt);
      for (const batch of said) sample(life, { ...batch, sentMs: second * 1000 + 1020 });
    }
    sampleAgain(life, now.again, second * 1000 + 1030);
    second += 1;
    after(index + 1);
  });
  tick(life, second + (second % 2));
};

describe('the averages of a partition', () => {
  test(
    'are what all samples give, whatever is late, told again, corrected or resized',
    () => {
      fc.assert(
        fc.property(fc.array(secondArbitrary, { minLength: 20, maxLength: 90 }), (lives) => {
          live(begin(), lives, () => undefined);
        }),
        { seed, numRuns: 120 },
      );
    },
    limitMs,
  );

  test(
    'stay so when other owners take over, again and again',
    () => {
      const cases = fc.tuple(
        fc.array(secondArbitrary, { minLength: 20, maxLength: 90 }),
        fc.integer({ min: 1, max: 20 }),
      );
      fc.assert(
        fc.property(cases, ([lives, every]) => {
          const life = begin();
          live(life, lives, (lived) => {
            if (lived % every !== 0) return;
            const { state } = life.log;
            const snapshot = JSON.parse(JSON.stringify(snapshotWindower(state)));
            const stored = { cursorSeq: state.samplesThroughSeq, seconds: sourceSeconds(state) };
            life.log.state = restoreWindower(0, snapshot, stored);
            expect(compareMirror(stored.seconds, sourceSeconds(life.log.state))).toEqual([]);
            for (const input of life.log.told) {
              const owed = input.type === 'TickObserved' && input.seq >= snapshot.ticksFromSeq;
              if (owed) windower.evolve(life.log.state, input);
            }
          });
        }),
        { seed, numRuns: 60 },
      );
    },
    limitMs,
  );
});
