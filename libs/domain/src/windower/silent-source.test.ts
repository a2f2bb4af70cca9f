/** What a source said last, and what follows when it, or a word of it, fails to come. */
import type { WorkloadKey } from '@flyball/contracts';
import { expect, test } from 'vitest';
import { bringUp, createPartitionLog, rowIn } from './partition-log.fixture.ts';
import { snapshotWindower } from './snapshot.ts';

const web: WorkloadKey = 'default/web';
const policy = { stableWindowMs: 10_000, panicWindowMs: 2_000 };

/** The activator's second, with requests in flight, and the scrape's, which sees no more. */
const second = (
  log: ReturnType<typeof createPartitionLog>,
  at: number,
  by: { readonly activator: boolean },
): void => {
  const row = { workload: web, concurrencyMilli: 3_000, inFlight: 3 };
  if (by.activator) log.sample({ second: at, rows: [row] });
  log.sample({ second: at, source: 'scrape-0', covered: [web] });
};

const until = (log: ReturnType<typeof createPartitionLog>, from: number, silentFrom: number) => {
  for (let at = from; at < silentFrom; at += 1) second(log, at, { activator: true });
};

test('it is blind from the first second that the one with load says nothing of', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy });
  until(log, 0, 6);
  expect(rowIn(log.tick(6_200), web)).toMatchObject({ seen: 'measured', stableMilli: 3_000 });
  second(log, 6, { activator: false });
  second(log, 7, { activator: false });
  expect(rowIn(log.tick(8_200), web)?.seen).toBe('blind');
});

test('it is measured again when that one speaks, with what it had not said', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy });
  until(log, 0, 6);
  log.tick(6_200);
  for (let at = 6; at < 10; at += 1) second(log, at, { activator: false });
  log.tick(10_200);
  const row = { workload: web, concurrencyMilli: 3_000, inFlight: 3 };
  for (let at = 6; at < 12; at += 1) log.sample({ second: at, sentMs: 12_100, rows: [row] });
  second(log, 11, { activator: true });
  expect(rowIn(log.tick(12_200), web)).toMatchObject({ seen: 'measured', stableMilli: 3_000 });
});

test('one that was silent for two windows is forgotten, with the gap that it left', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy });
  until(log, 0, 2);
  log.tick(2_200);
  // The heir of one that died: it comes three seconds later, and sees all of the load.
  const row = { workload: web, concurrencyMilli: 3_000, inFlight: 3 };
  const seen: unknown[] = [];
  for (let at = 5; at < 22; at += 1) {
    log.sample({ second: at, source: 'activator-2', rows: [row] });
    if (at % 2 === 0) continue;
    const told = rowIn(log.tick((at + 1) * 1000 + 200), web);
    // Only what has changed is told.
    if (told !== undefined) seen.push([at, told.seen, told.stableMilli]);
  }
  expect(seen).toEqual([
    [5, 'blind', 1_500],
    [7, 'blind', 1_875],
    [9, 'blind', 2_100],
    [13, 'blind', 2_700],
    [15, 'blind', 3_000],
    [21, 'measured', 3_000],
  ]);
});

test('one that had no load may be silent', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy });
  log.sample({ second: 0, covered: [web] });
  log.sample({ second: 0, source: 'scrape-0', covered: [web] });
  log.tick(2_200);
  for (let at = 1; at < 4; at += 1) second(log, at, { activator: false });
  expect(rowIn(log.tick(4_200), web)?.seen ?? 'measured').toBe('measured');
});

/** A scrape that saw short requests, none of them under way as the second ended. */
const busySecond = (
  log: ReturnType<typeof createPartitionLog>,
  at: number,
  said: { readonly concurrencyMilli: number | null; readonly requestsMilli: number | null },
): void => {
  log.sample({ second: at, covered: [web] });
  log.sample({ second: at, source: 'scrape-0', rows: [{ workload: web, ...said, inFlight: 0 }] });
};

const short = { concurrencyMilli: 1_000, requestsMilli: 1_000_000 };

test('one whose last second was busy is missing, though nothing was in flight as it ended', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy: { ...policy, metric: 'rps' }, pods: 10 });
  for (let at = 0; at < 6; at += 1) busySecond(log, at, short);
  expect(rowIn(log.tick(6_200), web)).toMatchObject({ seen: 'measured', stableMilli: 1_000_000 });
  // The activator covers whatever has pods, and truly sees none of it.
  for (let at = 6; at < 8; at += 1) log.sample({ second: at, covered: [web] });
  expect(rowIn(log.tick(8_200), web)?.seen).toBe('blind');
});

test('one that could not measure and then says nothing is missing too', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy });
  busySecond(log, 0, short);
  busySecond(log, 1, { concurrencyMilli: null, requestsMilli: null });
  expect(rowIn(log.tick(2_200), web)?.seen).toBe('blind');
  for (let at = 2; at < 4; at += 1) log.sample({ second: at, covered: [web] });
  expect(rowIn(log.tick(4_200), web)?.seen ?? 'blind').toBe('blind');
});

test('one that left in peace, after a second of nothing, does not hold the way to zero', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy });
  busySecond(log, 0, short);
  log.sample({ second: 1, covered: [web] });
  log.sample({ second: 1, source: 'scrape-0', covered: [web] });
  expect(rowIn(log.tick(2_200), web)?.seen).toBe('measured');
  for (let at = 2; at < 12; at += 1) {
    log.sample({ second: at, covered: [web] });
    if (at % 2 === 1) expect(rowIn(log.tick(at * 1_000 + 1_200), web)?.seen).not.toBe('blind');
  }
  const known = log.state.workloads.get(web);
  expect([...(known?.loads.keys() ?? ['it is not known'])]).toEqual([]);
});

test('requests that wait at zero are told each second until there is a pod', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy, pods: 0 });
  // Blind, as a clock that was set back makes a source: its first word had been refused.
  const row = { workload: web, concurrencyMilli: null, inFlight: 1 };
  for (const at of [1, 2]) {
    const poke = rowIn(log.sample({ second: at, rows: [row] }), web);
    expect(poke).toMatchObject({ kind: 'poke', inFlight: 1 });
  }
  bringUp(log, web, { policy, pods: 1, atMs: 3_500 });
  expect(rowIn(log.sample({ second: 3, rows: [row] }), web)).toBeUndefined();
});

test('of activators that come and go, only those of the last two windows are kept', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy });
  const row = { workload: web, concurrencyMilli: 3_000, inFlight: 0 };
  // Each lives for 5 s, and its last second was busy.
  for (let at = 0; at < 200; at += 1) {
    log.sample({ second: at, source: `activator-${Math.floor(at / 5)}`, rows: [row] });
    if (at % 2 === 1) log.tick((at + 1) * 1_000 + 200);
  }
  const kept = snapshotWindower(log.state).workloads[0]?.loads.map(([source]) => source);
  // 199 - 179 is two windows: who spoke in second 179 for the last time is forgotten.
  expect(kept).toEqual(['activator-36', 'activator-37', 'activator-38', 'activator-39']);
});

/** Deleted, and applied again under its name a second later. */
const replace = (log: ReturnType<typeof createPartitionLog>, atMs: number): void => {
  log.tell('PodGone', { workload: web, atMs }, { pod: 'pod-0' });
  log.tell('WorkloadGone', { workload: web, atMs }, { uid: 'u', reason: 'deleted' });
  bringUp(log, web, { policy, atMs: atMs + 1_000 });
};

test('a workload that comes again under its name misses no source of the one before', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy });
  for (let at = 0; at < 10; at += 1) busySecond(log, at, short);
  expect(rowIn(log.tick(10_200), web)?.seen).toBe('measured');
  // Nobody scrapes the new one.
  replace(log, 10_300);
  for (let at = 10; at < 14; at += 1) {
    log.sample({ second: at, covered: [web] });
    if (at % 2 === 1) expect(rowIn(log.tick(at * 1_000 + 1_200), web)?.seen).not.toBe('blind');
  }
});

test('it has not been measured yet, though the one before was', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy });
  for (let at = 0; at < 10; at += 1) busySecond(log, at, short);
  log.tick(10_200);
  replace(log, 10_300);
  expect(rowIn(log.tick(12_200), web)?.seen).toBe('unobserved');
  for (let at = 12; at < 14; at += 1) log.sample({ second: at, covered: [web] });
  expect(rowIn(log.tick(14_200), web)?.seen).toBe('measured');
});

test('its requests in flight are told anew, however many the one before had', () => {
  const log = createPartitionLog();
  bringUp(log, web, { policy });
  const partial = { second: 0, sentMs: 500, partial: true };
  const row = { workload: web, concurrencyMilli: 0, inFlight: 1_000 };
  expect(rowIn(log.sample({ ...partial, rows: [row] }), web)?.inFlight).toBe(1_000);
  replace(log, 700);
  const poke = rowIn(log.sample({ second: 1, rows: [{ ...row, inFlight: 900 }] }), web);
  expect(poke).toMatchObject({ kind: 'poke', inFlight: 900 });
});
