/** Certificates: who trusts them, how long they last, and that all replicas have the same. */
import { X509Certificate } from 'node:crypto';
import { type ClusterAccess, ClusterError } from '@flyball/platform/kubernetes';
import { describe, expect, it } from 'vitest';
import { certificateFacts, makeCertificates } from './certificates.ts';
import { keptCertificate } from './kept-certificates.ts';

const nowMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;
const hosts = ['webhook.flyball-system.svc', '10.244.0.7'];

describe('a certificate', () => {
  it('is signed by its authority, for its names and addresses, until its end', async () => {
    const made = await makeCertificates({ hosts, days: 30, nowMs });
    const [certificate, authority] = [made.certificate, made.authority].map(
      (pem) => new X509Certificate(pem),
    );
    if (certificate === undefined || authority === undefined) throw new Error('none');
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect([authority.ca, certificate.ca]).toEqual([true, false]);
    expect(certificate.checkHost('webhook.flyball-system.svc')).toBeDefined();
    expect(certificate.checkIP('10.244.0.7')).toBeDefined();
    expect(certificateFacts(made.certificate)).toEqual({ endsAtMs: nowMs + 30 * dayMs, hosts });
    expect(certificateFacts('nothing')).toBeUndefined();
  });
});

/** One Secret with versions, as the API server keeps it. */
const createSecrets = () => {
  let secret: { metadata: { resourceVersion: string }; data: Record<string, string> } | undefined;
  let version = 0;
  /** Runs before the next write, as another replica would. */
  let first: (() => Promise<unknown>) | undefined;
  const refused = (status: number) =>
    new ClusterError('PLATFORM_REFUSED', `${status}`, { retriable: false, status });
  const request: ClusterAccess['request'] = async ({ method = 'GET', body }) => {
    if (method === 'GET') {
      if (secret === undefined) throw refused(404);
      return structuredClone(secret) as never;
    }
    const rival = first;
    first = undefined;
    await rival?.();
    const given = body as { metadata: { resourceVersion?: string }; data: Record<string, string> };
    if (given.metadata.resourceVersion !== secret?.metadata.resourceVersion) throw refused(409);
    version += 1;
    secret = { metadata: { resourceVersion: String(version) }, data: given.data };
    return secret as never;
  };
  return {
    access: { request },
    before: (rival: () => Promise<unknown>) => {
      first = rival;
    },
  };
};

describe('the certificate of all replicas', () => {
  const asked = (secrets: ReturnType<typeof createSecrets>, atMs = nowMs, more: object = {}) =>
    keptCertificate({
      access: secrets.access,
      secret: 'flyball-system/webhook-certificate',
      hosts,
      days: 100,
      renewDays: 20,
      nowMs: () => atMs,
      ...more,
    });

  it('is made once, and read by the others', async () => {
    const secrets = createSecrets();
    const one = await asked(secrets);
    expect(await asked(secrets)).toEqual(one);
  });

  it('is that of the first when two make one', async () => {
    const secrets = createSecrets();
    let first: unknown;
    secrets.before(async () => {
      first = await asked(secrets);
    });
    expect(await asked(secrets)).toEqual(first);
  });

  it('is renewed before it ends; the old authority stays trusted meanwhile', async () => {
    const secrets = createSecrets();
    const old = await asked(secrets);
    expect(await asked(secrets, nowMs + 79 * dayMs)).toEqual(old);
    const renewed = await asked(secrets, nowMs + 81 * dayMs);
    expect(renewed.certificate).not.toBe(old.certificate);
    expect(renewed.endsAtMs).toBe(nowMs + 181 * dayMs);
    expect(renewed.trusted).toContain(old.trusted.trim());
    const again = await asked(secrets, nowMs + 162 * dayMs);
    expect(again.trusted).not.toContain(old.trusted.trim());
    expect(again.trusted.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  it('is made anew for other names', async () => {
    const secrets = createSecrets();
    const old = await asked(secrets);
    const other = await asked(secrets, nowMs, { hosts: [...hosts, 'other.test'] });
    expect(other.certificate).not.toBe(old.certificate);
  });
});
