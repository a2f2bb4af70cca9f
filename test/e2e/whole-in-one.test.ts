/** `flyball all`: the same story with every stage in one process. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chainBreaks, ledgerOf } from './harness/judges.ts';
import { runLoad } from './harness/load.ts';
import { endMachine, type Machine, startWithSample } from './harness/machine.ts';
import { decidedReplicas, historyOf, shownOf } from './harness/reading.ts';
import { sampleHost, sampleWorkload } from './harness/sample.ts';
import { until } from './harness/until.ts';

const stages = ['watcher', 'windower', 'decider', 'actuator', 'collector', 'activator'];

let machine: Machine;
/** Who runs by the record, at the moment in which it was said that all run. */
let recorded: readonly string[];

beforeAll(async () => {
  machine = await startWithSample('all');
  recorded = (await machine.run()).processes.map(({ name }) => name);
});

afterAll(() => endMachine(machine));

test('all stages in one process serve 50 with five pods, and go back to zero', async () => {
  const { place, gatewayUrl } = machine;
  const shown = () => shownOf(place, sampleWorkload);
  const waiting = { limitMs: 60_000, seen: shown };
  await until('it is known', waiting, async () => (await shown())?.lastDecision != null);
  const load = { place, gatewayUrl, host: sampleHost, connections: 50, seconds: 10 };
  const { statuses, failures } = await runLoad(load);
  expect({ statuses: Object.keys(statuses), failures }).toEqual({ statuses: ['200'], failures: 0 });
  await until('it is back at zero', waiting, async () => {
    const workload = await shown();
    return workload?.desiredReplicas === 0 && workload.readyReplicas === 0;
  });
  const history = await historyOf(place, sampleWorkload);
  expect(Math.max(...decidedReplicas(history))).toBe(5);
  expect(chainBreaks(history)).toEqual([]);
  expect(ledgerOf(history)).toMatchObject({ refused: 0, lost: 0, waiting: 0, mistakes: [] });
  expect(await place.flyball('replay', 'verify', sampleWorkload)).toMatchObject({ code: 0 });
});

test('the record names everybody before it is said that all run', () => {
  const others = ['local-node', 'nats-server', 'redis-server'];
  expect(recorded.toSorted()).toEqual([...stages, ...others].toSorted());
});

test('the stages are one process', async () => {
  const pids = await Promise.all(stages.map((name) => machine.pidOf(name)));
  expect(new Set(pids)).toEqual(new Set([machine.process.pid]));
});
