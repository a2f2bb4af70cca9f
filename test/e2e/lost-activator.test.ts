/** The activator is the data path: its loss costs what it held, and the ledger says so. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from './harness/ask.ts';
import { createPlace } from './harness/command.ts';
import { chainBreaks, ledgerOf } from './harness/judges.ts';
import { endMachine, type Machine, startIn } from './harness/machine.ts';
import { dataOf, historyOf } from './harness/reading.ts';
import { writeText } from './harness/sample.ts';
import { until } from './harness/until.ts';

const limitMs = 30_000;
const heldCount = 7;
const workload = 'default/never-ready';

/** Its process runs and never listens, so that every request is held. */
const neverReady = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: never-ready
  annotations:
    flyball.dev/enabled: "true"
spec:
  selector: { matchLabels: { app: never-ready } }
  template:
    metadata:
      labels: { app: never-ready }
    spec:
      containers:
        - name: app
          image: example.com/never-ready:1
          command: [node, -e, 'setInterval(() => {}, 1000)']
`;

let machine: Machine;

beforeAll(async () => {
  const place = await createPlace();
  const file = await writeText(place, 'never-ready.yaml', neverReady);
  machine = await startIn(place, 'up', ['-f', file]);
});

afterAll(() => endMachine(machine));

/** How the request ended: a status, or the error of its connection. */
const outcome = async (): Promise<string> => {
  try {
    const { status } = await ask(machine.gatewayUrl, 'never-ready.default.example.com');
    return String(status);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
};

const history = () => historyOf(machine.place, workload);

test('what it held is named, once, and the ledger balances', async () => {
  await until('the workload is known', { limitMs }, async () => {
    const { code, out } = await machine.place.flyball('history', workload, '-o', 'json');
    return code === 0 && out.includes('policy-set');
  });
  const asked = Promise.all(Array.from({ length: heldCount }, outcome));
  await until('all of them are counted as held', { limitMs, seen: history }, async () => {
    return ledgerOf(await history()).waiting === heldCount;
  });
  const pid = await machine.pidOf('activator');
  process.kill(pid, 'SIGKILL');
  expect(new Set(await asked)).toEqual(new Set(['ECONNRESET']));

  await until('the loss is written down', { limitMs, seen: history }, async () => {
    return dataOf(await history(), 'requests-lost').length > 0;
  });
  await until('the activator is there again', { limitMs }, async () => {
    return (await machine.pidOf('activator')) !== pid;
  });
  await machine.untilReady();
  const all = await history();
  const ledger = ledgerOf(all);
  expect(ledger).toMatchObject({ held: heldCount, lost: heldCount, waiting: 0, mistakes: [] });
  expect(dataOf(all, 'requests-lost').length).toBe(1);
  expect(chainBreaks(all)).toEqual([]);
});
