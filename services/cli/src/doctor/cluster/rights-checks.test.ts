/** What the doctor says of rights that are missing. */
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { expect, it } from 'vitest';
import { checkRights } from './rights-checks.ts';

/** Who asks may ask; nobody else may do anything. */
const request = async ({ path }: { readonly path: string }) => ({
  status: { allowed: path.endsWith('/selfsubjectaccessreviews') },
});

it('they are mended where Flyball is, with the options that it was installed with', async () => {
  const installation = {
    ...({ namespace: 'scaling', services: ['actuator'], unavailable: [] } as const),
    optIn: 'annotated' as const,
  };
  const cluster = { request: request as ClusterAccess['request'] };
  const [finding, ...others] = await checkRights(cluster, installation, ['scaling']);
  expect(others).toEqual([]);
  expect(finding?.found).toMatch(/^ServiceAccount scaling\/actuator may not /);
  expect(finding?.mend).toContain('with the options of your installation');
  expect(finding?.mend).toContain('flyball install --print --namespace scaling … |');
});
