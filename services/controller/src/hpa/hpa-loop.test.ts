/** Somebody else's HorizontalPodAutoscaler goes: ours is made at once. */
import { defaultAutoscalerConfig, hpaClass } from '@flyball/knative';
import { systemClock } from '@flyball/service';
import { expect, it } from 'vitest';
import { servingLabel } from '../knative/serving-names.ts';
import type { ControllerParts } from '../loop.ts';
import type { ClusterObject, Deployment } from '../objects/cluster-object.ts';
import { heldCache } from '../testing/held-cache.ts';
import { hpaLoop } from './hpa-loop.ts';

const deploymentOf = (name: string, labels: Record<string, string>): Deployment => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: {
    ...{ namespace: 'shop', name, uid: `uid-${name}`, labels },
    annotations: {
      'flyball.dev/enabled': 'true',
      'autoscaling.knative.dev/class': hpaClass,
      'autoscaling.knative.dev/metric': 'cpu',
      'autoscaling.knative.dev/max-scale': '4',
    },
  },
  spec: { selector: {}, template: { spec: { containers: [] } } },
});

it.each([
  ['a Deployment', 'web', deploymentOf('web', {})],
  [
    'a revision',
    'web-00001',
    deploymentOf('web-00001-deployment', { [servingLabel.revision]: 'web-00001' }),
  ],
])('whose name %s would have', async (_, name, deployment) => {
  const foreign: ClusterObject = {
    ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
    metadata: { namespace: 'shop', name, uid: 'foreign' },
  };
  const autoscalers = heldCache(foreign);
  const [created, told]: [string[], string[]] = [[], []];
  const parts = {
    config: { optIn: 'annotated' },
    caches: {
      ...{ deployments: heldCache(deployment), autoscalers, namespaces: undefined },
      ...{ config: () => defaultAutoscalerConfig, onConfig: () => () => undefined },
    },
    life: { clock: systemClock },
    writer: { create: async ({ metadata }: ClusterObject) => void created.push(metadata.name) },
    events: {
      record: async (__: unknown, text: { reason: string }) => void told.push(text.reason),
    },
  } as unknown as ControllerParts;
  const ending = new AbortController();
  const ownership = { isHeld: () => true, partitionCount: 1 };
  const run = hpaLoop.run(0, { signal: ending.signal, ownership } as never, parts);
  await expect.poll(() => told).toEqual(['AutoscalerNotOwned']);
  autoscalers.remove(foreign);
  await expect.poll(() => created).toEqual([name]);
  ending.abort();
  await run;
});
