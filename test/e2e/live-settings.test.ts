/** Settings that are changed while everything runs: what is applied next is decided by. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace } from './harness/command.ts';
import { endMachine, type Machine, startIn } from './harness/machine.ts';
import { type HistoryEvent, historyOf, isOf } from './harness/reading.ts';
import { writeText } from './harness/sample.ts';
import { until } from './harness/until.ts';

const limitMs = 60_000;
const prefix = 'autoscaling.knative.dev';

const deployment = (name: string, annotations: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      template: {
        metadata: { annotations },
        spec: {
          containers: [
            { image: `example.com/${name}:1`, command: ['node', 'samples/autoscale/src/main.js'] },
          ],
        },
      },
    },
  });

let machine: Machine;

beforeAll(async () => {
  machine = await startIn(await createPlace(), 'up');
});

afterAll(() => endMachine(machine));

const applyText = async (name: string, text: string): Promise<void> => {
  const file = await writeText(machine.place, `${name}.json`, text);
  expect(await machine.place.flyball('apply', '-f', file)).toMatchObject({ code: 0 });
};

interface PolicyChange {
  readonly set: HistoryEvent;
  /** The first decision by it: one by the policy before may still come in between. */
  readonly decided: HistoryEvent;
}

/** The newest PolicySet with the value, and the first decision by it. */
const changeTo = (
  workload: string,
  key: string,
  value: unknown,
  layer: string,
): Promise<PolicyChange> => {
  const seen = () => historyOf(machine.place, workload);
  return until(`${workload} has ${key} ${value}`, { limitMs, seen }, async () => {
    const history = await historyOf(machine.place, workload).catch(() => []);
    const at = history.findLastIndex(({ type }) => isOf('policy-set', type));
    const set = history[at];
    if (set === undefined || Reflect.get(Object(set.data.policy), key) !== value) return undefined;
    expect(set.data.layers).toMatchObject({ [key]: layer });
    const decided = history.find(({ type, data }) => {
      return isOf('decided', type) && data.policyId === set.id;
    });
    return decided === undefined ? undefined : { set, decided };
  });
};

const pids = async (): Promise<Record<string, number>> =>
  Object.fromEntries((await machine.run()).processes.map(({ name, pid }) => [name, pid]));

test('a changed annotation is in force at the next decision', async () => {
  const before = await pids();
  await applyText('web', deployment('web', { [`${prefix}/min-scale`]: '1' }));
  const first = await changeTo('default/web', 'minScale', 1, 'annotation');
  expect(first.decided.data).toMatchObject({ to: 1 });

  await applyText('web', deployment('web', { [`${prefix}/minScale`]: '3' }));
  const second = await changeTo('default/web', 'minScale', 3, 'annotation');
  expect(second.decided.data).toMatchObject({ from: 1, to: 3 });
  expect(await pids()).toEqual(before);
});

test('a changed config-autoscaler reaches every workload, from a mounted folder', async () => {
  const before = await pids();
  await applyText('api', deployment('api', {}));
  await changeTo('default/api', 'minScale', 0, 'default');

  const folder = join(machine.place.folder, 'mounted');
  await mkdir(folder);
  await writeFile(join(folder, 'min-scale'), '2\n');
  const { code, out } = await machine.place.flyball('apply', '-f', folder);
  expect({ code, out }).toEqual({ code: 0, out: 'configmap/config-autoscaler configured\n' });
  const { decided } = await changeTo('default/api', 'minScale', 2, 'config-autoscaler');
  expect(decided.data).toMatchObject({ to: 2 });

  const { out: shown } = await machine.place.flyball('policy', 'default/api');
  expect(shown).toMatch(/^min-scale +2 pods +config-autoscaler$/m);
  const { out: other } = await machine.place.flyball('policy', 'default/web');
  expect(other).toMatch(/^min-scale +3 pods +annotation$/m);
  expect(await pids()).toEqual(before);
});

test('a folder with one mistake changes nothing at all', async () => {
  const folder = join(machine.place.folder, 'half');
  await mkdir(folder);
  await writeFile(join(folder, 'a.json'), deployment('half', {}));
  await writeFile(join(folder, 'b.json'), deployment('web', { [`${prefix}/min-scale`]: '5' }));
  await writeFile(join(folder, 'stable-window'), '1s');
  const { code, out } = await machine.place.flyball('apply', '-f', folder, '-o', 'json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    applied: [],
    complaints: [{ severity: 'error', file: join(folder, 'stable-window'), value: '1s' }],
  });
  expect(await machine.place.flyball('get', 'default/half')).toMatchObject({ code: 1 });
  const { out: shown } = await machine.place.flyball('policy', 'default/web');
  expect(shown).toMatch(/^min-scale +3 pods +annotation$/m);
});

test('class hpa says that it needs a cluster, and is left as it is', async () => {
  const annotations = {
    [`${prefix}/class`]: `hpa.${prefix}`,
    [`${prefix}/metric`]: 'cpu',
    [`${prefix}/target`]: '80',
  };
  const file = await writeText(machine.place, 'hpa.json', deployment('hpa', annotations));
  const { code, out, err } = await machine.place.flyball('apply', '-f', file);
  expect({ code, out }).toEqual({ code: 0, out: 'deployment/default/hpa applied\n' });
  expect(err).toMatch(/warning: .*HorizontalPodAutoscaler.* needs a cluster/);
  const { err: notices } = await machine.place.flyball('get');
  expect(notices).toMatch(
    /default\/hpa is left alone: .* needs a cluster; it keeps its \d replica/,
  );
  const named = await machine.place.flyball('get', 'default/hpa');
  expect(named).toMatchObject({ code: 1, err: expect.stringContaining('is left alone') });
});
