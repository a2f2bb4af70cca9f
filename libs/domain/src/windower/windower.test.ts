/** The windower's stories: what a tick says of what was sampled. */
import { type FlyballEvent, tickRowsMax, type WorkloadKey } from '@flyball/contracts';
import { describe, expect, test } from 'vitest';
import { nextTickAtMs } from './input.ts';
import {
  bringUp,
  createPartitionLog,
  exampleBatch,
  examplePolicy,
  rowIn,
  startMs,
} from './partition-log.fixture.ts';
import { windower } from './windower.ts';

const web: WorkloadKey = 'default/web';
const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

/** Steady samples of the seconds from..to-1, all told by second `to`. */
const steady = (
  log: ReturnType<typeof createPartitionLog>,
  from: number,
  to: number,
  milli: number,
) => {
  for (let second = from; second < to; second += 1) {
    log.sample({ second, rows: [{ workload: web, concurrencyMilli: milli }] });
  }
};

describe('averages', () => {
  test('are over the whole seconds before the tick', () => {
    const log = createPartitionLog();
    bringUp(log, web);
    steady(log, 0, 2, 4000);
    log.sample({
      second: 2,
      partial: true,
      sentMs: 2_100,
      rows: [{ workload: web, concurrencyMilli: 90_000 }],
    });
    expect(rowIn(log.tick(2_200), web)).toMatchObject({
      kind: 'tick',
      stableMilli: 4000,
      panicMilli: 4000,
      seen: 'measured',
      coveredAtMs: startMs + 1000,
      inFlight: null,
    });
  });

  test('add up over sources, and the same source and second replaces', () => {
    const log = createPartitionLog();
    bringUp(log, web);
    log.sample({ second: 0, rows: [{ workload: web, concurrencyMilli: 1000 }] });
    log.sample({
      second: 0,
      source: 'scrape-0',
      rows: [{ workload: web, concurrencyMilli: 2000 }],
    });
    log.sample({ second: 0, rows: [{ workload: web, concurrencyMilli: 3000 }] });
    expect(rowIn(log.tick(1_200), web)?.stableMilli).toBe(5000);
    log.sample({ second: 0, sentMs: 1_400, rows: [{ workload: web, concurrencyMilli: 500 }] });
    expect(rowIn(log.tick(3_200), web)?.stableMilli).toBe(2500);
  });

  test('a late second corrects them, one from before the window does not', () => {
    const log = createPartitionLog();
    bringUp(log, web, { policy: { stableWindowMs: 6_000, panicWindowMs: 1_000 } });
    steady(log, 0, 8, 6000);
    log.tick(8_200);
    log.sample({
      second: 4,
      source: 'scrape-0',
      sentMs: 8_300,
      rows: [{ workload: web, concurrencyMilli: 6000 }],
    });
    log.sample({
      second: 0,
      source: 'scrape-0',
      sentMs: 8_300,
      rows: [{ workload: web, concurrencyMilli: 6000 }],
    });
    steady(log, 8, 10, 6000);
    expect(rowIn(log.tick(10_200), web)?.stableMilli).toBe(7000);
  });

  test('a row is said only when it changed', () => {
    const log = createPartitionLog();
    bringUp(log, web);
    steady(log, 0, 2, 4000);
    expect(rowIn(log.tick(2_200), web)).toBeDefined();
    steady(log, 2, 4, 4000);
    const outputs = log.tick(4_200);
    expect(outputs.map(({ id }) => id)).toEqual([`w${startMs + 4_200}-1:ticks:0`]);
    expect(rowIn(outputs, web)).toBeUndefined();
  });

  test('follow the policy: another length keeps the seconds, rps counts requests', () => {
    const log = createPartitionLog();
    bringUp(log, web);
    log.sample({
      second: 0,
      rows: [{ workload: web, concurrencyMilli: 1000, requestsMilli: 7000 }],
    });
    log.tick(1_200);
    const policy = examplePolicy({ metric: 'rps' });
    log.tell('PolicySet', { workload: web, atMs: 1_500 }, { policy, layers: {}, warnings: [] });
    expect(rowIn(log.tick(2_200), web)?.stableMilli).toBe(7000);
  });
});

describe('what is seen', () => {
  test('a covered workload without a row is zero, not blind', () => {
    const log = createPartitionLog();
    bringUp(log, web);
    log.sample({ second: 0, covered: [web] });
    log.sample({ second: 1, covered: [web] });
    expect(rowIn(log.tick(2_200), web)).toMatchObject({ stableMilli: 0, seen: 'measured' });
  });

  test('a source that cannot measure the newest second is blind', () => {
    const log = createPartitionLog();
    bringUp(log, web);
    steady(log, 0, 1, 4000);
    log.sample({ second: 1, rows: [{ workload: web, concurrencyMilli: null }] });
    expect(rowIn(log.tick(2_200), web)).toMatchObject({ stableMilli: 4000, seen: 'blind' });
  });

  test('pods that nobody covers for 5 s are blind, and stay so', () => {
    const log = createPartitionLog();
    bringUp(log, web);
    steady(log, 0, 2, 4000);
    log.tick(2_200);
    expect(rowIn(log.tick(6_200), web)).toBeUndefined();
    expect(rowIn(log.tick(8_200), web)).toMatchObject({ stableMilli: 4000, seen: 'blind' });
    expect(rowIn(log.tick(90_200), web)).toMatchObject({ stableMilli: null, seen: 'blind' });
  });

  test('without pods and cover it is unobserved, and a later burst is not diluted', () => {
    const log = createPartitionLog();
    bringUp(log, web, { pods: 0 });
    steady(log, 0, 2, 4000);
    log.tick(2_200);
    expect(rowIn(log.tick(8_200), web)).toMatchObject({ stableMilli: null, seen: 'unobserved' });
    steady(log, 20, 22, 8000);
    expect(rowIn(log.tick(22_200), web)).toMatchObject({ stableMilli: 8000, seen: 'measured' });
  });

  test('an activator that vanished with held requests leaves it blind, not unobserved', () => {
    const log = createPartitionLog();
    bringUp(log, web, { pods: 0 });
    log.sample({ second: 1, rows: [{ workload: web, concurrencyMilli: 3000, inFlight: 3 }] });
    log.tick(2_200);
    expect(rowIn(log.tick(8_200), web)?.seen).toBe('blind');
    expect(rowIn(log.tick(80_200), web)?.seen).toBe('unobserved');
  });
});

describe('pokes', () => {
  test('an instant sample pokes at once, with its trace and the partial second', () => {
    const log = createPartitionLog();
    bringUp(log, web, { pods: 0 });
    log.tick(200);
    const row = { workload: web, concurrencyMilli: 1000, inFlight: 1, traceparent: trace };
    const outputs = log.sample({ second: 1, partial: true, sentMs: 1_300, rows: [row] });
    expect(outputs.map(({ id, atMs }) => [id, atMs])).toEqual([['k1-1:ticks:0', startMs + 1_300]]);
    expect(rowIn(outputs, web)).toEqual({
      kind: 'poke',
      stableMilli: 1000,
      panicMilli: 1000,
      seen: 'measured',
      coveredAtMs: startMs + 1000,
      inFlight: 1,
      traceparent: trace,
    });
  });

  test('a source may poke each 200 ms, less what its timer is early', () => {
    const log = createPartitionLog();
    bringUp(log, web, { pods: 0 });
    log.tick(200);
    const poke = (sentMs: number, inFlight: number) =>
      log.sample({
        second: 1,
        partial: true,
        sentMs,
        rows: [{ workload: web, concurrencyMilli: 1, inFlight }],
      });
    expect(poke(1_300, 1)).toHaveLength(1);
    expect(poke(1_499, 20)).toHaveLength(1);
    expect(poke(1_600, 30)).toHaveLength(0);
    const whole = log.sample({
      second: 1,
      rows: [{ workload: web, concurrencyMilli: 900, inFlight: 2 }],
    });
    expect(rowIn(whole, web)).toMatchObject({ kind: 'poke', inFlight: 2 });
  });

  test('a whole second pokes when what is in flight crosses the panic threshold, once', () => {
    const log = createPartitionLog();
    bringUp(log, web, { pods: 2 });
    const at = (second: number, inFlight: number) =>
      log.sample({ second, rows: [{ workload: web, concurrencyMilli: 1, inFlight }] });
    expect(at(0, 39)).toHaveLength(0);
    expect(rowIn(at(1, 40), web)).toMatchObject({ kind: 'poke', inFlight: 40 });
    expect(at(2, 40)).toHaveLength(0);
    expect(at(3, 60)).toHaveLength(1);
    expect(at(4, 5)).toHaveLength(0);
    expect(at(5, 40)).toHaveLength(1);
  });

  test('a whole second pokes with its own averages, not those of the second after it', () => {
    const log = createPartitionLog();
    bringUp(log, web, { policy: { stableWindowMs: 6_000, panicWindowMs: 1_000 } });
    steady(log, 0, 2, 4000);
    const row = { workload: web, concurrencyMilli: 40_000, inFlight: 40 };
    const averages = { stableMilli: 16_000, panicMilli: 40_000 };
    expect(rowIn(log.sample({ second: 2, rows: [row] }), web)).toMatchObject(averages);
  });

  test('requests in flight add up over activators', () => {
    const log = createPartitionLog();
    bringUp(log, web, { pods: 1 });
    const at = (source: string, inFlight: number) =>
      log.sample({ source, second: 0, rows: [{ workload: web, concurrencyMilli: 1, inFlight }] });
    expect(at('activator-1', 12)).toHaveLength(0);
    expect(rowIn(at('activator-2', 9), web)).toMatchObject({ inFlight: 21 });
  });
});

describe('the shape of ticks', () => {
  test('more than 500 rows come in parts, each with its own id', () => {
    const log = createPartitionLog();
    const keys = Array.from({ length: tickRowsMax + 1 }, (_, n): WorkloadKey => `load/w-${n}`);
    for (const workload of keys) bringUp(log, workload, { pods: 0 });
    const parts = log.tick(2_200) as readonly FlyballEvent<'TickObserved'>[];
    expect(parts.map(({ data }) => [data.part, data.parts, data.rows.workloads.length])).toEqual([
      [1, 2, tickRowsMax],
      [2, 2, 1],
    ]);
    expect(new Set(parts.map(({ id }) => id)).size).toBe(2);
  });

  test('a tick that was said already, or lies before it, says nothing', () => {
    const log = createPartitionLog();
    expect(log.tick(2_200)).toHaveLength(1);
    expect(log.tick(2_200)).toHaveLength(0);
    expect(log.tick(200)).toHaveLength(0);
  });

  test('ticks fall on even seconds and 200 ms', () => {
    expect(nextTickAtMs(startMs)).toBe(startMs + 200);
    expect(nextTickAtMs(startMs + 200)).toBe(startMs + 2_200);
  });

  test('decide changes nothing', () => {
    const log = createPartitionLog();
    bringUp(log, web);
    steady(log, 0, 2, 4000);
    const due = { type: 'TickDue', atMs: startMs + 2_200 } as const;
    const informed = windower.evolve(log.state, due);
    const before = structuredClone(informed);
    const first = windower.decide(due, informed);
    expect(informed).toEqual(before);
    expect(windower.decide(due, informed)).toEqual(first);
  });

  test('a workload that is gone and silent is forgotten; its slot is used again', () => {
    const log = createPartitionLog();
    bringUp(log, web);
    steady(log, 0, 2, 4000);
    log.tick(2_200);
    log.tell('WorkloadGone', { workload: web, atMs: 3_000 }, { uid: 'u', reason: 'deleted' });
    for (let atMs = 4_200; atMs < 400_000; atMs += 2_000) log.tick(atMs);
    expect(log.state.workloads.size).toBe(0);
    bringUp(log, 'default/other', { atMs: 400_000 });
    expect(log.state.workloads.get('default/other')?.slot).toBe(0);
    expect(rowIn(log.tick(402_200), 'default/other')?.stableMilli).toBeNull();
  });

  test('a batch told twice counts once', () => {
    const log = createPartitionLog();
    bringUp(log, web);
    steady(log, 0, 2, 4000);
    windower.evolve(
      log.state,
      exampleBatch(1, { second: 0, rows: [{ workload: web, concurrencyMilli: 1 }] }),
    );
    expect(rowIn(log.tick(2_200), web)?.stableMilli).toBe(4000);
  });
});
