/** Each browser is told what it has not seen, and nothing else. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import { expect, it } from 'vitest';
import type { FleetRow } from '../wire.ts';
import { createFleet } from './fleet.ts';

const rowOf = (workload: WorkloadKey, told: Partial<FleetRow> = {}): FleetRow => ({
  ...workloadName(workload),
  ...{ partition: 0, desired: 1, ready: 1, mode: 'stable', routing: 'pods', stable: 0, panic: 0 },
  ...{ target: 10, targetUse: 0, seen: 'idle', inFlight: null, waiting: 0, dataAtMs: 1_000 },
  ...{ decidedAtMs: null, problem: null, spark: [0] },
  ...told,
});
const entry = (workload: WorkloadKey, told: Partial<FleetRow> = {}) =>
  [workload, rowOf(workload, told)] as const;
const namesIn = (rows: readonly string[]): readonly string[] =>
  rows.map((row) => (JSON.parse(row) as FleetRow).name);

it('tells what changed since, once', () => {
  const fleet = createFleet();
  fleet.set(0, [entry('a/one'), entry('a/two')]);
  const { version, rows } = fleet.all();
  expect(namesIn(rows)).toEqual(['one', 'two']);
  expect(fleet.since(version)).toEqual({ version, rows: [], gone: [] });

  fleet.set(0, [entry('a/one'), entry('a/two', { ready: 2 })]);
  const news = fleet.since(version);
  expect(namesIn(news?.rows ?? [])).toEqual(['two']);
  expect(fleet.since(news?.version ?? 0)?.rows).toEqual([]);
});

it('tells nothing for age alone, but the newest age with the next change', () => {
  const fleet = createFleet();
  fleet.set(0, [entry('a/one')]);
  const { version } = fleet.all();
  fleet.set(0, [entry('a/one', { dataAtMs: 3_000 })]);
  expect(fleet.since(version)?.rows).toEqual([]);
  expect(fleet.all().rows.map((row) => JSON.parse(row).dataAtMs)).toEqual([3_000]);
  // How old its data is says of a blind one that it is blind still.
  fleet.set(0, [entry('a/one', { seen: 'blind', dataAtMs: 3_000 })]);
  const blind = fleet.since(version)?.version ?? 0;
  fleet.set(0, [entry('a/one', { seen: 'blind', dataAtMs: 4_000 })]);
  expect(fleet.since(blind)?.rows).toHaveLength(1);
});

it('tells who is gone, of its partition only, unless they came back', () => {
  const fleet = createFleet();
  fleet.set(0, [entry('a/one'), entry('a/two')]);
  fleet.set(1, [entry('b/other', { partition: 1 })]);
  const { version } = fleet.all();
  fleet.set(0, []);
  expect(fleet.since(version)).toMatchObject({ rows: [], gone: ['a/one', 'a/two'] });
  fleet.set(0, [entry('a/one')]);
  expect(fleet.since(version)?.gone).toEqual(['a/two']);
  expect(namesIn(fleet.all().rows)).toEqual(['one', 'other']);
});

it('begins anew for everyone when the log is another one', () => {
  const fleet = createFleet();
  fleet.set(0, [entry('a/one')]);
  const { version } = fleet.all();
  fleet.clear();
  expect(fleet.since(version)).toBeUndefined();
  expect(fleet.all()).toMatchObject({ rows: [], more: 0 });
});

it('tells no more rows than anyone reads, and how many there are beyond', () => {
  const fleet = createFleet();
  const many = Array.from({ length: 10_002 }, (_, at) =>
    entry(`a/w-${String(at).padStart(5, '0')}`),
  );
  fleet.set(0, many);
  const { version, rows, more } = fleet.all();
  expect([rows.length, more]).toEqual([10_000, 2]);
  expect(fleet.since(version)).toMatchObject({ rows: [], gone: [] });
  fleet.set(0, [entry('a/w-00000', { ready: 7 }), ...many.slice(1)]);
  expect(fleet.since(version)).toBeUndefined();
});
