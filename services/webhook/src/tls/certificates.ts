/** Makes an authority and the certificate that it signs; the authority's key is then forgotten. */
// The library asks for it, before everything else of it.
import 'reflect-metadata';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
/** Clocks of a cluster may differ: it is valid a little before it was made. */
const earlierMs = 300_000;

export interface Certificates {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM: the authority that signed it. */
  readonly authority: string;
}

export interface CertificateRequest {
  /** Names and addresses; the first is what it is called. */
  readonly hosts: readonly string[];
  readonly days: number;
  readonly nowMs: number;
}

const generateKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

const serialNumber = (): string =>
  // The first byte stays below 128: the number is positive.
  `4a${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;

type PrivateKey = Awaited<ReturnType<typeof generateKeys>>['privateKey'];

const privatePem = async (key: PrivateKey): Promise<string> =>
  PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

/** Both end at the same time. */
export const makeCertificates = async (request: CertificateRequest): Promise<Certificates> => {
  const { hosts, days, nowMs } = request;
  const valid = {
    notBefore: new Date(nowMs - earlierMs),
    notAfter: new Date(nowMs + days * dayMs),
    signingAlgorithm: algorithm,
  };
  const [authorityKeys, keys] = await Promise.all([generateKeys(), generateKeys()]);
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...valid,
    serialNumber: serialNumber(),
    name: `CN=flyball webhook authority ${new Date(nowMs).toISOString()}`,
    keys: authorityKeys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const certificate = await X509CertificateGenerator.create({
    ...valid,
    serialNumber: serialNumber(),
    subject: `CN=${hosts[0] ?? 'webhook'}`,
    issuer: authority.subject,
    signingKey: authorityKeys.privateKey,
    publicKey: keys.publicKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
    ],
  });
  return {
    key: await privatePem(keys.privateKey),
    certificate: certificate.toString('pem'),
    authority: authority.toString('pem'),
  };
};

/** When it ends, UTC ms, and for whom it is; undefined when it cannot be read. */
export const certificateFacts = (
  pem: string,
): { readonly endsAtMs: number; readonly hosts: readonly string[] } | undefined => {
  try {
    const certificate = new X509Certificate(pem);
    const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
    return {
      endsAtMs: certificate.notAfter.getTime(),
      hosts: names.map(({ value }) => value),
    };
  } catch {
    return undefined;
  }
};
