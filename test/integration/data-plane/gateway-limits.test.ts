/** Held requests against their limits: too long, too many, and the ledger of both. */
import type { WorkloadKey } from '@flyball/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, imbalanceAt, openGateway } from './gateway.ts';
import { until } from './waiting.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway({
    FLYBALL_HOLD_MS_MAX: '2000',
    FLYBALL_HELD_PER_WORKLOAD_MAX: '2',
    FLYBALL_HELD_REQUESTS_MAX: '3',
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const settledLedger = (workload: WorkloadKey, held: number) =>
  until(`the events tell of ${held} held`, () => {
    const ledger = gateway.bus.ledgerOf(workload);
    return ledger.held === held && ledger.waiting === 0 ? ledger : undefined;
  });

test('held too long: 504, counted as timed out', async () => {
  const workload = 'default/late';
  await gateway.appear(workload);
  const answer = await gateway.ask(workload).answer;
  expect(answer.status).toBe(504);
  expect(answer.body).toContain('no pod could take it in time');
  const ledger = await settledLedger(workload, 1);
  expect(ledger).toMatchObject({ timedOut: 1, released: 0, imbalance: 0 });
});

test('too many of one workload: 503 with Retry-After, counted as shed', async () => {
  const workload = 'default/many';
  await gateway.appear(workload);
  const asked = Array.from({ length: 5 }, () => gateway.ask(workload));
  const answers = await Promise.all(asked.map(({ answer }) => answer));
  const shed = answers.filter(({ status }) => status === 503);
  expect(shed).toHaveLength(3);
  expect(shed.every(({ headers }) => headers['retry-after'] === '1')).toBe(true);
  expect(answers.filter(({ status }) => status === 504)).toHaveLength(2);
  const ledger = await settledLedger(workload, 5);
  expect(ledger).toMatchObject({ timedOut: 2, shed: 3, imbalance: 0 });
});

test('too many of all workloads together: shed as well', async () => {
  const [one, two]: [WorkloadKey, WorkloadKey] = ['default/one', 'default/two'];
  await gateway.appear(one);
  await gateway.appear(two);
  const asked = [one, one, two, two].map((workload) => gateway.ask(workload));
  const statuses = await Promise.all(asked.map(async ({ answer }) => (await answer).status));
  expect(statuses.sort()).toEqual([503, 504, 504, 504]);
  const shed = (await settledLedger(one, 2)).shed + (await settledLedger(two, 2)).shed;
  expect(shed).toBe(1);
  expect(await imbalanceAt(gateway)).toBe(0);
});
