import { encodeEvent } from '@flyball/contracts';
import type { ObservedWorkload, Resolution } from '@flyball/domain';
import { expect, it } from 'vitest';
import { createResolver } from './resolve.ts';

const workload = (annotations: Record<string, string>): ObservedWorkload => ({
  ...{ workload: 'default/web', uid: 'u1', resourceVersion: '1', replicas: 1 },
  ...{ fieldManager: 'kubectl', annotations, containerConcurrency: 0, timeoutSeconds: 300 },
  ...{ reachable: true, hosts: [], createdAtMs: 0 },
});

it.each([
  [{}, true],
  [{ 'flyball.dev/enabled': 'true' }, true],
  [{ 'flyball.dev/enabled': 'false' }, false],
  [{ 'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev' }, true],
  [{ 'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev' }, false],
  [{ 'autoscaling.knative.dev/class': 'their.own' }, false],
])('%j is ours: %s', (annotations, managed) => {
  expect(createResolver()(workload(annotations), undefined)).toMatchObject({ managed });
});

const target = 'autoscaling.knative.dev/target';
const textOf = ({ errors }: Resolution): string =>
  encodeEvent(
    {
      ...{ type: 'PolicyRefused', pen: 'policy', id: 'p1', atMs: 0, source: '/flyball/watcher' },
      ...{ partition: 0, workload: 'default/web', data: { complaints: [...errors] } },
    },
    '',
  ).body;

it('tells only the beginning of what is too long to be told, with a sign that it was cut', () => {
  const refused = createResolver()(workload({ [target]: '\u0001'.repeat(200_000) }), undefined);
  expect(refused.errors).toMatchObject([{ key: target, value: `${'\u0001'.repeat(255)}…` }]);
  expect(Buffer.byteLength(textOf(refused))).toBeLessThan(8_192);
});

it('tells what is short enough as it was given', () => {
  const value = 'x'.repeat(256);
  const refused = createResolver()(workload({ [target]: value }), undefined);
  expect(refused.errors).toMatchObject([{ value }]);
});

it('cuts sentences that hold a text of the user, so that they can be told', () => {
  const window = 'autoscaling.knative.dev/window';
  const refused = createResolver()(workload({ [window]: `${'0'.repeat(5_000)}60` }), undefined);
  expect(refused.errors[0]?.message).toMatch(/^autoscaling.knative.dev\/window has no unit.*…$/);
  expect(textOf(refused)).toContain('has no unit');
  const odd = createResolver()(workload({ [`flyball.dev/${'x'.repeat(5_000)}`]: '1' }), undefined);
  expect(odd.warnings).toMatchObject([expect.stringMatching(/^flyball.dev\/x+…$/)]);
  expect(odd.warnings[0]).toHaveLength(512);
});
