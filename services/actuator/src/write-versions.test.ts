/** What a write rests on before a conflict, after it, and once one was done. */
import type { WorkloadKey } from '@flyball/contracts';
import { createMemoryPlatform } from '@flyball/platform';
import { expect, it } from 'vitest';
import { followResourceVersions } from './resource-versions.ts';
import { createWriteVersions } from './write-versions.ts';

const workload: WorkloadKey = 'default/web';

it('after a conflict nothing is rested on but what was refolded, until a write was done', () => {
  const { versions } = followResourceVersions(createMemoryPlatform({ nowMs: () => 0 }));
  const writes = createWriteVersions(versions);
  const show = (version: number) =>
    versions.set(workload, { replicas: 1, resourceVersion: String(version) });
  expect(writes.of(workload)).toBeUndefined();
  show(3);
  expect(writes.of(workload)).toBe('3');
  writes.inConflict(workload);
  show(4);
  expect(writes.of(workload)).toBeUndefined();
  writes.refolded(workload, '5');
  show(6);
  expect(writes.of(workload)).toBe('5');
  writes.inConflict(workload);
  expect(writes.of(workload)).toBeUndefined();
  writes.refolded(workload, '6');
  writes.written(workload, { replicas: 2, resourceVersion: '7' });
  expect(writes.of(workload)).toBe('7');
  show(8);
  expect(writes.of(workload)).toBe('8');
});
