/** Every part is killed hard in the middle of a load; `up` starts it again, and nobody notices. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chainBreaks, doubleIds, ledgerOf } from './harness/judges.ts';
import { type Load, startLoad } from './harness/load.ts';
import { endMachine, type Machine, startWithSample } from './harness/machine.ts';
import { type HistoryEvent, historyOf, isOf, shownOf } from './harness/reading.ts';
import { sampleHost, sampleWorkload } from './harness/sample.ts';
import { until } from './harness/until.ts';

const limitMs = 60_000;
/** Twenty at a time with a target of ten. */
const connections = 20;
/** So long that a busy machine's pauses between two requests hardly lower the averages. */
const sleepMs = 600;
const replicas = 2;
const killed = [
  ...['windower', 'decider', 'actuator', 'watcher', 'collector'],
  ...['redis-server', 'nats-server'],
];

let machine: Machine;
let load: Load;
/** How long the history was when the load had settled. */
let settledAt = 0;

const shown = () => shownOf(machine.place, sampleWorkload);
const history = () => historyOf(machine.place, sampleWorkload);

beforeAll(async () => {
  machine = await startWithSample();
  const { place, gatewayUrl } = machine;
  await until('it is known', { limitMs, seen: shown }, async () => {
    return (await shown())?.lastDecision != null;
  });
  load = startLoad({ place, gatewayUrl, host: sampleHost, connections, sleepMs });
  await until(
    'the load is served by as many pods as it takes',
    { limitMs, seen: shown },
    async () => {
      const workload = await shown();
      return workload?.readyReplicas === replicas && workload.mode === 'stable';
    },
  );
  settledAt = (await history()).length;
});

afterAll(() => endMachine(machine));

/** Averages that were stated after `atMs`: samples, windower and bus work again. */
const untilMeasuredAfter = (atMs: number) =>
  until('the averages are fresh again', { limitMs, seen: shown }, async () => {
    const askedAtMs = Date.now();
    const age = (await shown())?.dataAgeMs;
    return age !== undefined && age !== null && askedAtMs - age > atMs;
  });

test.each(killed)('%s', async (name) => {
  const pid = await machine.pidOf(name);
  process.kill(pid, 'SIGKILL');
  const killedAtMs = Date.now();
  await until(`${name} was started again`, { limitMs }, async () => {
    return (await machine.pidOf(name)) !== pid;
  });
  await machine.untilReady();
  await untilMeasuredAfter(killedAtMs);
  expect(await shown()).toMatchObject({ desiredReplicas: replicas, readyReplicas: replicas });
});

/** What would have moved a replica, or shown that one had moved. */
const movesIn = (events: readonly HistoryEvent[]): readonly HistoryEvent[] =>
  events.filter(({ type, data }) =>
    isOf('decided', type) || isOf('scale-applied', type)
      ? data.to !== replicas
      : /\.(pod-(appeared|unready|gone)|replicas-drifted)\./.test(type),
  );

test('no request failed and no replica moved', async () => {
  const during = (await history()).slice(settledAt);
  const { statuses, failures } = await load.stop();
  expect({ statuses: Object.keys(statuses), failures }).toEqual({ statuses: ['200'], failures: 0 });
  expect(statuses['200']).toBeGreaterThan(connections);
  expect(movesIn(during)).toEqual([]);
});

test('all that was killed works: the scale goes back to zero', async () => {
  await until('it is at zero', { limitMs, seen: shown }, async () => {
    const workload = await shown();
    return workload?.desiredReplicas === 0 && workload.readyReplicas === 0;
  });
});

test('the history has no gap and no double, its chain is whole, its ledger balances', async () => {
  const all = await history();
  expect(chainBreaks(all)).toEqual([]);
  expect(doubleIds(all)).toEqual([]);
  expect(ledgerOf(all)).toMatchObject({ refused: 0, lost: 0, waiting: 0, mistakes: [] });
  const verified = await machine.place.flyball('replay', 'verify', sampleWorkload);
  expect(verified).toMatchObject({ code: 0 });
});
