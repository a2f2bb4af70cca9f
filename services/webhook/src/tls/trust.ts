/** Makes the API server trust the certificate, in each rule of both configurations. */
import { type ClusterAccess, ClusterError } from '@flyball/platform/kubernetes';
import { z } from 'zod';

const group = '/apis/admissionregistration.k8s.io/v1';
const kinds = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;
const absent = 404;

const configurationSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  webhooks: z
    .array(
      z.looseObject({
        name: z.string(),
        clientConfig: z.looseObject({ caBundle: z.string().optional() }),
      }),
    )
    .default([]),
});

const trustIn = async (
  access: Pick<ClusterAccess, 'request'>,
  path: string,
  caBundle: string,
): Promise<'trusted' | 'absent'> => {
  let found: z.infer<typeof configurationSchema>;
  try {
    found = configurationSchema.parse(await access.request({ path }));
  } catch (error) {
    if (error instanceof ClusterError && error.status === absent) return 'absent';
    throw error;
  }
  const stale = found.webhooks.flatMap(({ clientConfig }, index) =>
    clientConfig.caBundle === caBundle ? [] : [index],
  );
  if (stale.length === 0) return 'trusted';
  const { resourceVersion } = found.metadata;
  await access.request({
    method: 'PATCH',
    path: `${path}?fieldManager=flyball-webhook`,
    contentType: 'application/json-patch+json',
    body: [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      ...stale.map((index) => ({
        op: 'add',
        path: `/webhooks/${index}/clientConfig/caBundle`,
        value: caBundle,
      })),
    ],
  });
  return 'trusted';
};

/**
 * Writes the authorities (PEM) where they are not yet; gives the kinds of which there is no
 * configuration of this name. Rejects with ClusterError, also when somebody else wrote meanwhile.
 */
export const trustAuthorities = async (
  access: Pick<ClusterAccess, 'request'>,
  name: string,
  authorities: string,
): Promise<readonly string[]> => {
  const caBundle = Buffer.from(authorities, 'utf8').toString('base64');
  const found = await Promise.all(
    kinds.map(async (kind) => ({
      kind,
      state: await trustIn(access, `${group}/${kind}/${name}`, caBundle),
    })),
  );
  return found.flatMap(({ kind, state }) => (state === 'absent' ? [kind] : []));
};
