/** What was heard of a workload is forgotten with it, however late more of it is told. */
import type { EventDataByName, EventName, Pen, RecordedEvent } from '@flyball/contracts';
import { type DeciderState, decider } from '@flyball/domain';
import { beforeEach, expect, it } from 'vitest';
import { createPartitionFleet, type PartitionFleet } from './partition-fleet.ts';

const workload = 'default/web';
let state: DeciderState;
let fleet: PartitionFleet;
let seq: number;

beforeEach(() => {
  state = decider.initialState(0);
  fleet = createPartitionFleet(0);
  fleet.begin({ state, events: [], isAnew: true }, [], []);
  seq = 0;
});

const event = <Name extends EventName>(
  type: Name,
  pen: Pen,
  data: EventDataByName[Name],
  about: typeof workload | undefined = workload,
): RecordedEvent => {
  seq += 1;
  const told = { id: `e${seq}`, type, pen, partition: 0, atMs: seq, seq, data };
  const source = '/flyball/activator/gw0';
  return { ...told, source, ...(about === undefined ? {} : { workload: about }) } as RecordedEvent;
};

const hear = (...events: readonly RecordedEvent[]): void => {
  state = events.reduce((folded, fact) => decider.evolve(folded, fact), state);
  fleet.take({ state, events, isAnew: false });
};

const appeared = (uid: string) =>
  event('WorkloadAppeared', 'platform', {
    ...{ uid, replicas: 1, createdAtMs: 0, adopted: false, resourceVersion: '1' },
  });
const gone = () => event('WorkloadGone', 'platform', { uid: 'u1', reason: 'deleted' });
const counts = { held: 3, released: 0, timedOut: 0, shed: 0, abandoned: 0, waitedMaxMs: 0 };
const waits = () => event('RequestsCounted', 'requests', { ...counts, waiting: 3 });
const rows = (inFlight: number) => ({
  ...{ workloads: [workload], stableMilli: [inFlight * 1_000], panicMilli: [inFlight * 1_000] },
  ...{ seen: ['measured'], coveredAtMs: [0], inFlight: [inFlight], traceparents: [null] },
});
const tick = (inFlight: number) => {
  const data = { kind: 'tick', part: 1, parts: 1, rows: rows(inFlight) };
  const told = event('TickObserved', 'ticks', data as never);
  const { workload: _, ...ofPartition } = told;
  return ofPartition as RecordedEvent & { type: 'TickObserved' };
};
const row = () => fleet.rows()[0]?.[1];

it('begins anew with one that comes back, whatever is stored after it was gone', () => {
  hear(appeared('u1'), waits(), tick(7));
  expect(row()).toMatchObject({ waiting: 3, inFlight: 7, spark: [7] });
  hear(gone());
  hear(waits());
  hear(tick(9));
  expect(fleet.rows()).toEqual([]);
  hear(appeared('u2'));
  expect(row()).toMatchObject({ waiting: 0, inFlight: null, spark: [] });
});

it('begins anew also where a view is the first that is heard of its end', () => {
  const before = [appeared('u1'), waits()];
  const ticks = [tick(7)] as const;
  fleet.begin({ state, events: [], isAnew: true }, before, ticks as never);
  hear(appeared('u2'));
  expect(row()).toMatchObject({ waiting: 0, inFlight: null, spark: [] });
});
