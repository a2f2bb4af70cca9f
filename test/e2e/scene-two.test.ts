/** The articles' second scene: one pod is always kept, and there are never more than three. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, repositoryRoot } from './harness/command.ts';
import { ledgerOf } from './harness/judges.ts';
import { runLoad } from './harness/load.ts';
import { endMachine, type Machine, startIn } from './harness/machine.ts';
import { dataOf, decidedReplicas, historyOf, shownOf } from './harness/reading.ts';
import {
  commandsFile,
  sampleHost,
  sampleWorkload,
  writeSettings,
  writeText,
} from './harness/sample.ts';
import { until } from './harness/until.ts';

const limitMs = 60_000;

let machine: Machine;

/** The articles' YAML with a queue-proxy before each pod. */
const withQueueProxy = async (): Promise<string> => {
  const file = join(repositoryRoot, 'samples/scene-2.run-latest.yaml');
  return (await readFile(file, 'utf8')).replace(
    /( +)(autoscaling\.knative\.dev\/maxScale: .*)/,
    '$1$2\n$1flyball.dev/queue-proxy: "true"',
  );
};

beforeAll(async () => {
  const place = await createPlace();
  const settings = await writeSettings(place);
  const service = await writeText(place, 'service.yaml', await withQueueProxy());
  machine = await startIn(place, 'up', ['-f', settings, service, '--commands', commandsFile]);
});

afterAll(() => endMachine(machine));

const shown = () => shownOf(machine.place, sampleWorkload);

const untilOneRests = () =>
  until('one pod is wanted and ready', { limitMs, seen: shown }, async () => {
    const workload = await shown();
    return workload?.desiredReplicas === 1 && workload.readyReplicas === 1 && workload;
  });

/** Most pods that were there at a time: those that appeared and were not yet gone. */
const podsMax = (history: Awaited<ReturnType<typeof historyOf>>): number => {
  const pods = new Set<unknown>();
  return history.reduce((max, { type, data }) => {
    if (type.includes('.pod-appeared.')) pods.add(data.pod);
    if (type.includes('.pod-gone.')) pods.delete(data.pod);
    return Math.max(max, pods.size);
  }, 0);
};

test('50 at a time are served by three pods, and one stays', async () => {
  expect(await untilOneRests()).toMatchObject({ minScale: 1, maxScale: 3 });
  const { gatewayUrl, place } = machine;
  const load = { place, gatewayUrl, host: sampleHost, connections: 50, seconds: 8 };
  const { statuses, failures } = await runLoad(load);
  expect({ statuses: Object.keys(statuses), failures }).toEqual({ statuses: ['200'], failures: 0 });
  await untilOneRests();

  const history = await historyOf(place, sampleWorkload);
  const decided = decidedReplicas(history);
  expect(Math.max(...decided)).toBe(3);
  expect(Math.min(...decided)).toBe(1);
  expect(podsMax(history)).toBe(3);
  expect(ledgerOf(history)).toMatchObject({ lost: 0, waiting: 0, mistakes: [] });
  expect(await place.flyball('replay', 'verify', sampleWorkload)).toMatchObject({ code: 0 });
});

test('a queue-proxy stands before each pod and tells its concurrency', async () => {
  const appeared = dataOf(await historyOf(machine.place, sampleWorkload), 'pod-appeared');
  const addresses = appeared.map(({ metricsAddress }) => metricsAddress);
  expect(addresses.length).toBeGreaterThanOrEqual(3);
  expect(addresses.every((address) => typeof address === 'string')).toBe(true);
  const pod = (await shown())?.readyReplicas === 1 && addresses[0];
  const metrics = await (await fetch(`http://${pod}/metrics`)).text();
  expect(metrics).toContain('concurren');
});
