/** The Secret that holds the certificate of all replicas: made by the first, renewed by any. */
import { type ClusterAccess, ClusterError } from '@flyball/platform/kubernetes';
import { z } from 'zod';
import { certificateFacts, makeCertificates } from './certificates.ts';

const dayMs = 86_400_000;
/** Somebody else may write first; so often it is read again. */
const triesMax = 5;
const conflict = 409;
const absent = 404;

const secretSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).optional(),
});
type Secret = z.infer<typeof secretSchema>;

/** What is served, and whom to trust: the authority of now, and the one before it. */
export interface KeptCertificate {
  readonly key: string;
  readonly certificate: string;
  readonly trusted: string;
  readonly endsAtMs: number;
}

export interface KeptCertificateOptions {
  readonly access: Pick<ClusterAccess, 'request'>;
  /** `<namespace>/<name>`. */
  readonly secret: string;
  readonly hosts: readonly string[];
  readonly days: number;
  readonly renewDays: number;
  readonly nowMs: () => number;
}

const text = (secret: Secret | undefined, key: string): string =>
  Buffer.from(secret?.data?.[key] ?? '', 'base64').toString('utf8');

const base64 = (value: string): string => Buffer.from(value, 'utf8').toString('base64');

const pathOf = (secret: string): { readonly all: string; readonly one: string; name: string } => {
  const [namespace = '', name = ''] = secret.split('/');
  const all = `/api/v1/namespaces/${namespace}/secrets`;
  return { all, one: `${all}/${name}`, name };
};

const isStatus = (error: unknown, status: number): boolean =>
  error instanceof ClusterError && error.status === status;

const read = async ({ access, secret }: KeptCertificateOptions): Promise<Secret | undefined> => {
  try {
    return secretSchema.parse(await access.request({ path: pathOf(secret).one }));
  } catch (error) {
    if (isStatus(error, absent)) return undefined;
    throw error;
  }
};

/** Good for a while yet, and for the hosts that are asked for; undefined otherwise. */
const usable = (
  secret: Secret | undefined,
  { hosts, days, renewDays, nowMs }: KeptCertificateOptions,
): KeptCertificate | undefined => {
  const certificate = text(secret, 'tls.crt');
  const facts = certificateFacts(certificate);
  const [key, trusted] = [text(secret, 'tls.key'), text(secret, 'ca.crt')];
  if (facts === undefined || key === '' || trusted === '') return undefined;
  const isLong = facts.endsAtMs - nowMs() > Math.min(renewDays, days / 2) * dayMs;
  const isOurs = hosts.every((host) => facts.hosts.includes(host));
  return isLong && isOurs ? { key, certificate, trusted, endsAtMs: facts.endsAtMs } : undefined;
};

const firstPem = (bundle: string): string =>
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(bundle)?.[0] ?? '';

/** Replicas that still serve the old certificate are trusted as well. */
const trustBoth = (now: string, before: string): string => {
  const kept = firstPem(before);
  const isRunning = (certificateFacts(kept)?.endsAtMs ?? 0) > 0;
  return `${[now.trim(), ...(isRunning ? [kept.trim()] : [])].join('\n')}\n`;
};

const write = async (
  { access, secret }: KeptCertificateOptions,
  known: Secret | undefined,
  data: Readonly<Record<string, string>>,
): Promise<void> => {
  const { all, one, name } = pathOf(secret);
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, ...(known && { resourceVersion: known.metadata.resourceVersion }) },
    data,
  };
  await (known === undefined
    ? access.request({ method: 'POST', path: `${all}?fieldManager=flyball-webhook`, body })
    : access.request({ method: 'PUT', path: `${one}?fieldManager=flyball-webhook`, body }));
};

/**
 * The certificate that all replicas serve, made or renewed when there is none that lasts. Rejects
 * with ClusterError.
 */
export const keptCertificate = async (
  options: KeptCertificateOptions,
): Promise<KeptCertificate> => {
  for (let tried = 1; ; tried += 1) {
    const secret = await read(options);
    const found = usable(secret, options);
    if (found !== undefined) return found;
    const { hosts, days, nowMs } = options;
    const made = await makeCertificates({ hosts, days, nowMs: nowMs() });
    const trusted = trustBoth(made.authority, text(secret, 'ca.crt'));
    try {
      await write(options, secret, {
        'tls.crt': base64(made.certificate),
        'tls.key': base64(made.key),
        'ca.crt': base64(trusted),
      });
    } catch (error) {
      // Another replica was first: theirs is as good.
      if (!isStatus(error, conflict) || tried >= triesMax) throw error;
    }
  }
};
