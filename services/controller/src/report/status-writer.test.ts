/** When the status annotations are written: after a calm, and seldom. */
import type { WorkloadKey } from '@flyball/contracts';
import { VirtualTime, virtualClock } from '@flyball/service/testing';
import { expect, it } from 'vitest';
import type { Deployment } from '../objects/cluster-object.ts';
import { createStatusWriter } from './status-writer.ts';

const intervalMs = 10_000;
const workload = 'default/web';

const deployment: Deployment = {
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: { selector: {}, template: { spec: {} } },
};

const open = (there: () => Deployment | undefined = () => deployment) => {
  const time = new VirtualTime();
  const stop = new AbortController();
  const writes: { readonly atMs: number; readonly body: unknown }[] = [];
  let desired = 1;
  const writer = createStatusWriter({
    ...{ clock: virtualClock(time, 0), logger: { warn: () => undefined }, intervalMs },
    signal: stop.signal,
    access: {
      request: async <Answer>({ body }: { readonly body?: unknown }): Promise<Answer> => {
        writes.push({ atMs: time.nowMs, body });
        return {} as Answer;
      },
    },
    deployment: there,
    wanted: () => ({ 'flyball.dev/status-desired': String(desired) }),
  });
  return {
    ...{ time, writes, stop },
    change: (to: number, of: WorkloadKey = workload) => {
      desired = to;
      writer.stir(of);
    },
    run: (forMs: number) => time.run(time.nowMs + forMs),
  };
};

it('writes once a row of changes has ended, with its uid and without a version', async () => {
  const { change, run, writes } = open();
  for (const to of [2, 3, 4]) {
    change(to);
    await run(1_000);
  }
  expect(writes).toEqual([]);
  await run(60_000);
  expect(writes).toEqual([
    {
      atMs: 5_000,
      body: { metadata: { uid: 'u1', annotations: { 'flyball.dev/status-desired': '4' } } },
    },
  ]);
});

it('is not put off for ever by changes that do not end, nor written at each of them', async () => {
  const { change, run, writes } = open();
  for (let second = 0; second < 60; second += 1) {
    change(second);
    await run(1_000);
  }
  expect(writes.length).toBeGreaterThanOrEqual(5);
  expect(writes.length).toBeLessThanOrEqual(7);
  const pauses = writes.slice(1).map(({ atMs }, at) => atMs - (writes[at]?.atMs ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(intervalMs - 200);
});

it('takes many that changed at once one after the other', async () => {
  const { change, run, writes } = open();
  for (let n = 0; n < 50; n += 1) change(1, `default/web-${n}`);
  await run(3_500);
  expect(writes).toHaveLength(3);
  await run(60_000);
  expect(writes).toHaveLength(50);
  const pauses = writes.slice(1).map(({ atMs }, at) => atMs - (writes[at]?.atMs ?? 0));
  expect(Math.min(...pauses)).toBe(200);
});

it('puts one off that changes again before its turn has come', async () => {
  const { change, run, writes } = open();
  for (let n = 0; n < 20; n += 1) change(1, `default/web-${n}`);
  await run(3_500);
  for (let n = 10; n < 20; n += 1) change(2, `default/web-${n}`);
  await run(2_900);
  expect(writes).toHaveLength(10);
  await run(10_000);
  expect(writes).toHaveLength(20);
});

it('writes nothing where it says so already, where nothing is, or after its end', async () => {
  const annotations = { 'flyball.dev/status-desired': '5' };
  const same = open(() => ({ ...deployment, metadata: { ...deployment.metadata, annotations } }));
  same.change(5);
  const gone = open(() => undefined);
  gone.change(5);
  const ended = open();
  ended.change(5);
  ended.stop.abort();
  for (const { run, writes } of [same, gone, ended]) {
    await run(60_000);
    expect(writes).toEqual([]);
  }
});
