/** Several activators before the same pods: they keep a pod's limit, and all is answered. */
import type { WorkloadKey } from '@flyball/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, openGateway } from './gateway.ts';
import { type Answer, ask, hostOf, type Pod, startPod } from './http-ends.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import { startQueueProxy } from './queue-proxies.ts';
import { untilTrue } from './waiting.ts';

let gateway: Gateway;
const others: RunningProcess[] = [];

const livingAt = async (activator: RunningProcess): Promise<number> => {
  const { text } = await activator.page('/metrics');
  return Number(/^flyball_activator_living_activators (\d+)$/m.exec(text)?.[1]);
};

const all = (): RunningProcess[] => [gateway.activator, ...others];

const untilAllSee = (count: number, activators: readonly RunningProcess[]): Promise<void> =>
  untilTrue(`${count} activators know of each other`, async () =>
    (await Promise.all(activators.map(livingAt))).every((living) => living === count),
  );

const startAnother = async (instance: string): Promise<RunningProcess> => {
  const env = gateway.bus.envOf('activator');
  const settings = { FLYBALL_INSTANCE: instance, FLYBALL_GATEWAY_PORT: '0' };
  const another = await startProcess('activator', { ...env, ...settings });
  others.push(another);
  return another;
};

/** Asks the activators in turn; how each request was answered, or why not. */
const askAll = (
  activators: readonly RunningProcess[],
  workload: WorkloadKey,
  times: number,
): Promise<PromiseSettledResult<Answer>[]> => {
  const asked = Array.from({ length: times }, (_, at) => {
    const { told } = activators[at % activators.length] as RunningProcess;
    return ask(`${told.gatewayUrl}/`, hostOf(workload)).answer;
  });
  return Promise.allSettled(asked);
};

const statusesOf = (answers: readonly PromiseSettledResult<Answer>[]): unknown[] => [
  ...new Set(answers.map((one) => (one.status === 'fulfilled' ? one.value.status : 'reset'))),
];

const slowPod = (answerMs: number): Promise<Pod> =>
  startPod((_pod, _request, response) => void setTimeout(() => response.end('served'), answerMs));

const addPods = async (workload: WorkloadKey, pods: readonly Pod[]): Promise<void> => {
  for (const [at, pod] of pods.entries()) {
    await gateway.facts.addPod(workload, `${workload.split('/')[1]}-${at}`, pod.port);
  }
  // All of them have read as far: a request of each is answered.
  expect(statusesOf(await askAll(all(), workload, all().length))).toEqual([200]);
};

beforeAll(async () => {
  gateway = await openGateway();
  await startAnother('2');
  await startAnother('3');
  await untilAllSee(3, all());
});
afterAll(async () => {
  for (const one of others) await one[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

test('three activators never send a pod more than its limit, and answer everything', async () => {
  const workload: WorkloadKey = 'default/divided';
  await using first = await slowPod(20);
  await using second = await slowPod(20);
  await gateway.appear(workload, { containerConcurrency: 4 });
  await addPods(workload, [first, second]);
  const answers = await askAll(all(), workload, 150);
  expect(statusesOf(answers)).toEqual([200]);
  for (const pod of [first, second]) {
    expect(pod.inFlightMost).toBeLessThanOrEqual(4);
    expect(pod.inFlightMost).toBeGreaterThan(1);
  }
});

test('with fewer slots than activators each still gets its requests answered', async () => {
  const workload: WorkloadKey = 'default/scarce';
  await using pod = await slowPod(5);
  await gateway.appear(workload, { containerConcurrency: 1 });
  await addPods(workload, [pod]);
  expect(statusesOf(await askAll(all(), workload, 12))).toEqual([200]);
  expect(pod.inFlightMost).toBe(1);
});

test('a queue-proxy keeps the limit while every activator may send', async () => {
  const workload: WorkloadKey = 'default/guarded';
  await using pod = await slowPod(20);
  await using proxy = await startQueueProxy(pod.port, { FLYBALL_CONTAINER_CONCURRENCY: '1' });
  await gateway.appear(workload, { containerConcurrency: 1 });
  const port = Number(new URL(proxy.url).port);
  await gateway.facts.addPod(workload, 'guarded-1', port, { metricsPort: proxy.metricsPort });
  expect(statusesOf(await askAll(all(), workload, 30))).toEqual([200]);
  expect(pod.inFlightMost).toBe(1);
});

test('one that is killed leaves its share to the others; one that comes gets its own', async () => {
  const workload: WorkloadKey = 'default/heirs';
  await using pod = await startPod();
  await gateway.appear(workload, { containerConcurrency: 6 });
  await gateway.facts.addPod(workload, 'heirs-1', pod.port);
  const asked = askAll([gateway.activator], workload, 6);
  await untilTrue('its own share is taken', () => pod.inFlight === 2);
  for (const one of others.splice(0)) {
    one.child.kill('SIGKILL');
    await one.ended();
  }
  await untilTrue('it has the others’ shares too', () => pod.inFlight === 6);
  pod.free();
  expect(statusesOf(await asked)).toEqual([200]);
  const another = await startAnother('4');
  await untilAllSee(2, all());
  expect(statusesOf(await askAll([another, gateway.activator], workload, 12))).toEqual([200]);
  expect(pod.inFlightMost).toBeLessThanOrEqual(6);
});
