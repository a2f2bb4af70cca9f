/** What is told of pods that do not come up. */
import { expect, it } from 'vitest';
import { type Pod, revisionPod } from './pod-trouble.ts';

const labels = {
  'serving.knative.dev/service': 'web',
  'serving.knative.dev/revision': 'web-00001',
};
const podWith = (status: Pod['status'], metadata: object = { labels }): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop', ...metadata },
  ...(status === undefined ? {} : { status }),
});
const waiting = (reason: string, message?: string, exitCode?: number): Pod['status'] => ({
  containerStatuses: [
    {
      name: 'app',
      state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
      ...(exitCode === undefined ? {} : { lastState: { terminated: { exitCode } } }),
    },
  ],
});

it.each([
  [
    'an image that cannot be had',
    waiting('ImagePullBackOff', 'Back-off pulling image "none"'),
    'ImagePullBackOff',
    'The container app waits: Back-off pulling image "none".',
  ],
  [
    'an app that ends',
    waiting('CrashLoopBackOff', 'back-off 10s', 3),
    'CrashLoopBackOff',
    'The container app waits: back-off 10s. It ended with exit code 3.',
  ],
  [
    'no room',
    {
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
      ],
    },
    'Unschedulable',
    'A pod has no node: 0/1 nodes.',
  ],
])('%s', (_what, status, reason, message) => {
  expect(revisionPod(podWith(status))?.trouble).toEqual({ reason, message });
});

it.each([
  ['is new', undefined],
  ['is being made', waiting('ContainerCreating')],
  ['runs', { containerStatuses: [{ name: 'app', state: {} }] }],
])('nothing is wrong with one that %s', (_what, status) => {
  const pod = revisionPod(podWith(status));
  expect(pod).toEqual({
    ...{ name: 'web-1', namespace: 'shop', service: 'web', revision: 'web-00001' },
    trouble: undefined,
  });
});

it('one of somebody else, or on its way out, is not looked at', () => {
  expect(revisionPod(podWith(undefined, {}))).toBeUndefined();
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  expect(revisionPod(podWith(undefined, { labels, deletionTimestamp }))).toBeUndefined();
});
