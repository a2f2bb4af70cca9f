/** Makes a Secret, or adds what is missing of it; what is there already stays. */
import { OutsideError } from '@flyball/contracts';
import { orNothing } from '@flyball/platform';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import type { SecretData, SecretPlan } from './passwords.ts';

/** Somebody else may write at the same time; each try reads again. */
const triesMax = 5;

interface Secret {
  readonly metadata: { readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

export interface WantedSecret {
  readonly namespace: string;
  readonly name: string;
  /** Decides from what is there. */
  readonly plan: (given: SecretData) => SecretPlan;
}

const encoded = (data: SecretData): SecretData =>
  Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );

const decoded = (data: SecretData): SecretData =>
  Object.fromEntries(
    Object.entries(data).map(([key, base64]) => [key, Buffer.from(base64, 'base64').toString()]),
  );

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof OutsideError && error.code === code;

const pathOf = ({ namespace }: WantedSecret): string => `/api/v1/namespaces/${namespace}/secrets`;

const read = (access: ClusterAccess, wanted: WantedSecret): Promise<Secret | undefined> =>
  orNothing(access.request<Secret>({ path: `${pathOf(wanted)}/${wanted.name}` }));

const write = (
  access: ClusterAccess,
  wanted: WantedSecret,
  found: Secret | undefined,
  missing: SecretData,
): Promise<unknown> => {
  const { namespace, name } = wanted;
  const data = encoded(missing);
  if (found === undefined) {
    const labels = { 'app.kubernetes.io/part-of': 'flyball' };
    const metadata = { namespace, name, labels };
    const body = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data };
    return access.request({ method: 'POST', path: pathOf(wanted), body });
  }
  const { resourceVersion } = found.metadata;
  const body = { metadata: { resourceVersion }, data };
  return access.request({ method: 'PATCH', path: `${pathOf(wanted)}/${name}`, body });
};

/**
 * Resolves with all of its keys. Throws PLATFORM_REFUSED with every problem of what is there, and
 * what the API server refused otherwise.
 */
export const ensureSecret = async (
  access: ClusterAccess,
  wanted: WantedSecret,
): Promise<SecretData> => {
  for (let tries = 1; ; tries += 1) {
    const found = await read(access, wanted);
    const given = decoded(found?.data ?? {});
    const { missing, problems } = wanted.plan(given);
    if (problems.length > 0) {
      throw new OutsideError('PLATFORM_REFUSED', problems.join(' '), { retriable: false });
    }
    if (Object.keys(missing).length === 0) return given;
    try {
      await write(access, wanted, found, missing);
      return { ...given, ...missing };
    } catch (error) {
      if (!hasCode(error, 'PLATFORM_CONFLICT') || tries >= triesMax) throw error;
    }
  }
};
