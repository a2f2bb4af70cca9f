/** Minutes of workloads whose rows are in different parts of a tick. */
import { type FlyballEvent, tickRowsMax, type WorkloadKey } from '@flyball/contracts';
import { expect, test } from 'vitest';
import { ticksOfMinutes } from '../minutes/ticks-of-minute.ts';
import { bringUp, createPartitionLog } from './partition-log.fixture.ts';

const workloads = Array.from({ length: tickRowsMax + 2 }, (_, n): WorkloadKey => `load/w-${n}`);
const [first = 'load/w-0', last = 'load/w-1'] = [workloads[0], workloads.at(-1)];

test('a minute has the rows of the part that holds them, pokes in between or not', () => {
  const log = createPartitionLog();
  // A poke of the last tick's other part must find no row of this one, and come back after it.
  log.late = true;
  for (const workload of workloads) bringUp(log, workload);
  for (let second = 0; second < 130; second += 1) {
    const rows = workloads.map((workload, n) => ({
      ...{ workload, concurrencyMilli: (second * 7919 + n) % 10_000 },
    }));
    log.sample({ second, rows });
    if (second % 2 === 1) log.tick((second + 1) * 1000 + 200);
    const poked = [{ workload: last, concurrencyMilli: second, inFlight: second }];
    if (second % 5 === 0) log.sample({ second: second + 1, partial: true, rows: poked });
  }
  for (const workload of [first, last]) {
    const minutes = log.minutes.filter((minute) => minute.workload === workload);
    const read = ticksOfMinutes(minutes);
    expect(read.length).toBeGreaterThan(25);
    for (const { seq, data } of read) {
      const told = log.ticks.find((tick) => tick.seq === seq) as FlyballEvent<'TickObserved'>;
      const row = told.data.rows.workloads.indexOf(workload);
      expect(row === -1 ? [] : [told.data.rows.stableMilli[row]]).toEqual(data.rows.stableMilli);
      expect(data.part).toBe(told.data.part);
    }
    expect(read.filter(({ data }) => data.rows.workloads.length > 0).length).toBeGreaterThan(25);
  }
});
