/** What is known of a workload by its watch and by the answers of own writes. */
import type { WorkloadKey } from '@flyball/contracts';
import { createMemoryPlatform } from '@flyball/platform';
import { expect, it } from 'vitest';
import { followResourceVersions, type SeenReplicas } from './resource-versions.ts';

const workload: WorkloadKey = 'default/web';

it('an answer that is older than what the watch has shown is passed over', async () => {
  const platform = createMemoryPlatform({ nowMs: () => 0 });
  platform.apply({
    ...{ workload, annotations: {}, containerConcurrency: 0, timeoutSeconds: 300 },
    ...{ reachable: true, replicas: 0 },
  });
  const stop = new AbortController();
  const { versions, follow } = followResourceVersions(platform);
  const shown = Promise.withResolvers<void>();
  versions.subscribe((_, { replicas }) => replicas === 7 && shown.resolve(), stop.signal);
  const following = follow(stop.signal, () => undefined);
  const { resourceVersion = '' } = (await platform.get(workload)) ?? {};
  const own = await platform.scale({ workload, replicas: 5, resourceVersion });
  platform.writeReplicas(workload, 7, 'kubectl');
  await shown.promise;
  versions.set(workload, { replicas: 5, resourceVersion: own.resourceVersion });
  const told: SeenReplicas[] = [];
  versions.subscribe((_, seen) => told.push(seen), stop.signal);
  expect(told).toEqual([expect.objectContaining({ replicas: 7 })]);
  const newer = { replicas: 5, resourceVersion: `${Number(told[0]?.resourceVersion) + 1}` };
  versions.set(workload, newer);
  expect(versions.seen(workload)).toEqual(newer);
  stop.abort();
  await following;
});
