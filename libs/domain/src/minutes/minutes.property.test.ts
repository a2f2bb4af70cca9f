/** Whatever was sampled, a minute gives back the rows that were sent; and it is small. */
import type { WorkloadKey } from '@flyball/contracts';
import { chainStart, encodeEvent } from '@flyball/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceSeconds } from '../windower/mirror.ts';
import {
  bringUp,
  createPartitionLog,
  examplePolicy,
  type PartitionLog,
  startMs,
} from '../windower/partition-log.fixture.ts';
import { restoreWindower, snapshotWindower, type WindowerSnapshot } from '../windower/snapshot.ts';
import { windower } from '../windower/windower.ts';
import { replayInputs } from './replay-inputs.ts';
import { type RecordedTick, ticksOfMinutes } from './ticks-of-minute.ts';

const seed = 20260101;
/** Longer than it takes to be blind, or unobserved. */
const silenceS = 12;
const workloads: readonly WorkloadKey[] = ['default/web', 'shop/api'];
const web = workloads[0] ?? 'default/web';

/** What happens in one second of the random life. */
const secondArbitrary = fc.record({
  /** How many ms late each source's batch comes; undefined: never. */
  lateMs: fc.array(
    fc.option(
      fc.oneof({ weight: 6, arbitrary: fc.constant(20) }, fc.integer({ min: 0, max: 20_000 })),
      {
        nil: undefined,
        freq: 6,
      },
    ),
    { minLength: 2, maxLength: 2 },
  ),
  values: fc.array(fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: null, freq: 12 }), {
    minLength: 4,
    maxLength: 4,
  }),
  poked: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined, freq: 2 }),
  happens: fc.oneof(
    { weight: 30, arbitrary: fc.constant('nothing' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('resize', 'metric', 'weighted', 'podGone', 'pod', 'silence'),
    },
  ),
});
type Second = typeof secondArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** Nothing is late and the policy stays: hardly an average has to be written out. */
const calmArbitrary = secondArbitrary.map(
  (life): Second => ({ ...life, lateMs: [20, 20], poked: undefined, happens: 'nothing' }),
);

interface Told {
  readonly atMs: number;
  readonly tell: (log: PartitionLog) => void;
}

const happen = (log: PartitionLog, what: Second['happens'], atMs: number): void => {
  const about = { workload: web, atMs };
  const set = (changes: Parameters<typeof examplePolicy>[0]) =>
    log.tell('PolicySet', about, { policy: examplePolicy(changes), layers: {}, warnings: [] });
  if (what === 'resize') set({ stableWindowMs: 30_000, panicWindowMs: 3_000 });
  if (what === 'metric') set({ metric: 'rps' });
  if (what === 'weighted') set({ metricAggregationAlgorithm: 'weighted-exponential' });
  if (what === 'podGone') log.tell('PodGone', about, { pod: 'pod-0' });
  if (what === 'pod') log.tell('PodReady', about, { pod: 'pod-0' });
};

const toldIn = (second: number, life: Second): Told[] => {
  const batches = life.lateMs.flatMap((lateMs, index): Told[] => {
    if (lateMs === undefined) return [];
    const sentMs = second * 1000 + 1000 + lateMs;
    const rows = workloads.map((workload, row) => ({
      workload,
      concurrencyMilli: life.values[index * 2 + row] ?? null,
      inFlight: 1,
    }));
    return [
      { atMs: sentMs, tell: (log) => log.sample({ source: `s-${index}`, second, sentMs, rows }) },
    ];
  });
  const pokedMs = second * 1000 + 500;
  const poke: Told[] =
    life.poked === undefined
      ? []
      : [
          {
            atMs: pokedMs,
            tell: (log) =>
              log.sample({
                source: 's-0',
                second,
                partial: true,
                sentMs: pokedMs,
                rows: [{ workload: web, concurrencyMilli: 500, inFlight: life.poked ?? 1 }],
              }),
          },
        ];
  const event = { atMs: pokedMs, tell: (log: PartitionLog) => happen(log, life.happens, pokedMs) };
  return [...batches, ...poke, event];
};

const minutesOf = (log: PartitionLog, workload: WorkloadKey) =>
  log.minutes.filter((minute) => minute.workload === workload);

/** A snapshot is this old when its owner dies. */
const snapshotAgeMs = 70_000;

/** Another owner goes on: from the snapshot, the stored seconds, kept ticks and last minutes. */
const takingOver = (takenOverMs: number): Told[] => {
  const taken: { snapshot?: WindowerSnapshot; toldBefore: number } = { toldBefore: 0 };
  const snap = (log: PartitionLog): void => {
    taken.snapshot = JSON.parse(JSON.stringify(snapshotWindower(log.state)));
    taken.toldBefore = log.told.length;
  };
  const takeOver = (log: PartitionLog): void => {
    const stored = { cursorSeq: log.state.samplesThroughSeq, seconds: sourceSeconds(log.state) };
    const ticksFromSeq = taken.snapshot?.ticksFromSeq ?? 0;
    const toldSince = log.told.slice(taken.toldBefore).filter(({ type }) => type !== 'TickDue');
    log.state = restoreWindower(0, taken.snapshot, stored);
    for (const tick of log.ticks) {
      if (tick.seq >= ticksFromSeq && tick.seq <= log.state.eventsThroughSeq) {
        windower.evolve(log.state, tick);
      }
    }
    for (const input of toldSince) windower.evolve(log.state, input);
    for (const workload of workloads) {
      const last = minutesOf(log, workload).at(-1);
      if (last !== undefined) windower.evolve(log.state, last);
    }
  };
  return [
    { atMs: Math.max(0, takenOverMs - snapshotAgeMs), tell: snap },
    { atMs: takenOverMs, tell: takeOver },
  ];
};

/** Lives through the seconds, then long enough for every minute to be recorded. */
const live = (lives: readonly Second[], late: boolean, takenOverMs = -1): PartitionLog => {
  const log = createPartitionLog();
  log.late = late;
  for (const workload of workloads) bringUp(log, workload);
  const endMs = lives.length * 1000 + 200_000;
  const ticks = Array.from(
    { length: endMs / 2000 },
    (_, n): Told => ({
      atMs: n * 2000 + 200,
      tell: (told) => told.tick(n * 2000 + 200),
    }),
  );
  const silent = (second: number): boolean =>
    lives.slice(Math.max(0, second - silenceS), second).some((life) => life.happens === 'silence');
  const told = lives.flatMap((life, second) => (silent(second) ? [] : toldIn(second, life)));
  told.push(...ticks);
  if (takenOverMs >= 0) told.push(...takingOver(takenOverMs));
  for (const { tell } of told.sort((a, b) => a.atMs - b.atMs)) tell(log);
  return log;
};

/** Judged from the log itself: the row, or nothing, in each message that evaluates the workload. */
const sentTo = (workload: WorkloadKey, ticks: readonly RecordedTick[]) =>
  ticks.flatMap(({ id, seq, atMs, data }) => {
    const at = data.rows.workloads.indexOf(workload);
    if (at === -1 && (data.kind === 'poke' || data.part < data.parts)) return [];
    const row = Object.entries(data.rows).map(([column, values]) => [column, values[at]]);
    return [{ id, seq, atMs, kind: data.kind, row: at === -1 ? null : Object.fromEntries(row) }];
  });

describe('minutes', () => {
  test('give back exactly the ticks that evaluated the workload', () => {
    const lives = fc.array(secondArbitrary, { minLength: 60, maxLength: 260 });
    const met = new Set<string>();
    fc.assert(
      fc.property(lives, fc.boolean(), (seconds, late) => {
        const log = live(seconds, late);
        for (const workload of workloads) {
          const minutes = minutesOf(log, workload);
          const recordedToMs = (minutes.at(-1)?.data.minuteAtMs ?? 0) + 60_000;
          expect(recordedToMs).toBeGreaterThanOrEqual(startMs + seconds.length * 1000);
          for (const { data } of minutes) {
            for (const [, seen] of data.rows) met.add(seen ?? 'no row');
            if (data.pokes.ticks.length > 0) met.add('poke');
            if (data.recomputed === null) met.add('written out');
            if (data.seqs.length > data.averages.ticks.length) met.add('recomputed');
          }
          const recorded = log.ticks.filter(({ atMs }) => atMs < recordedToMs);
          // The wire's form is what a reader has.
          const read = JSON.parse(JSON.stringify(minutes)) as typeof minutes;
          expect(sentTo(workload, ticksOfMinutes(read))).toEqual(sentTo(workload, recorded));
        }
      }),
      { seed, numRuns: 25 },
    );
    const all = ['blind', 'measured', 'no row', 'poke', 'recomputed', 'unobserved', 'written out'];
    expect([...met].sort()).toEqual(all);
  });

  test('of two owners, one after the other, read as one history', () => {
    const cases = fc.tuple(
      fc.array(calmArbitrary, { minLength: 200, maxLength: 300 }),
      fc.integer({ min: 1, max: 300 }),
    );
    fc.assert(
      fc.property(cases, ([seconds, takenOverAt]) => {
        const log = live(seconds, false, takenOverAt * 1000);
        for (const workload of workloads) {
          const minutes = minutesOf(log, workload);
          const toMs = (minutes.at(-1)?.data.minuteAtMs ?? 0) + 60_000;
          const recorded = log.ticks.filter(({ atMs }) => atMs < toMs);
          expect(sentTo(workload, ticksOfMinutes(minutes))).toEqual(sentTo(workload, recorded));
        }
      }),
      { seed, numRuns: 25 },
    );
  });

  test('from the middle of a history are read once a window is whole', () => {
    const log = live(fc.sample(calmArbitrary, { seed, numRuns: 400 }), false);
    const minutes = minutesOf(log, web);
    for (let from = 1; from < minutes.length; from += 1) {
      const rows = sentTo(web, ticksOfMinutes(minutes.slice(from)));
      const all = sentTo(web, log.ticks);
      expect(all).toEqual(expect.arrayContaining(rows));
    }
    expect(ticksOfMinutes(minutes.slice(3)).length).toBeGreaterThan(0);
  });

  test('merge with the events and with the ticks that no minute holds yet', () => {
    const calm = fc.sample(secondArbitrary, { seed, numRuns: 130 });
    const log = live(calm, false);
    const minutes = minutesOf(log, web).slice(0, 2);
    const events = log.events.filter(({ workload }) => workload === web);
    const firstKept = log.ticks.findIndex(({ atMs }) => atMs >= startMs + 100_000);
    const inputs = replayInputs({
      workload: web,
      events,
      minutes,
      ticks: log.ticks.slice(firstKept),
    });
    const all = [...events.map(({ seq }) => seq), ...sentTo(web, log.ticks).map(({ seq }) => seq)];
    expect(inputs.map(({ seq }) => seq)).toEqual(all.sort((a, b) => a - b));
  });

  test('of a busy workload are at most 1.3 kB, with their envelope 1.75 kB', () => {
    const busy = fc.sample(fc.integer({ min: 40_000, max: 60_000 }), { seed, numRuns: 600 });
    const log = createPartitionLog();
    bringUp(log, web);
    for (let second = 0; second < 400; second += 1) {
      const concurrencyMilli = busy[second] ?? 0;
      const requestsMilli = Math.round(concurrencyMilli / 150) * 1000;
      log.sample({
        second,
        rows: [{ workload: web, concurrencyMilli, requestsMilli, inFlight: 9 }],
      });
      if (second % 2 === 1) log.tick(second * 1000 + 1_200);
    }
    const sizes = log.minutes.map((minute) => encodeEvent(minute, chainStart).body.length);
    const dataSizes = log.minutes.map(({ data }) => JSON.stringify(data).length);
    expect(sizes.length).toBeGreaterThanOrEqual(5);
    // Nothing is late here, so that no average has to be written out.
    for (const size of dataSizes) expect(size).toBeLessThanOrEqual(1_300);
    for (const { data } of log.minutes) expect(data.averages.ticks).toEqual([]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_750);
  });
});
