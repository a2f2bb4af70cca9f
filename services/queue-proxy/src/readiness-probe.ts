/** A pod's readiness probe, as Kubernetes writes it: `httpGet` or `tcpSocket`, and how often. */
import { z } from 'zod';

const port = z.int().min(1).max(65_535);
const token = /^[\w!#$%&'*+.^`|~-]+$/;
const noControls = /^[\t\x20-\x7e\u{80}-\u{10ffff}]*$/u;

/** As the kubelet asks for it: from the root, and what no request line can carry encoded, once. */
const asTarget = (path: string): string => {
  const encoded = encodeURI(path.toWellFormed()).replace(/%25(?=[\da-f]{2})/gi, '%');
  return encoded.startsWith('/') ? encoded : `/${encoded}`;
};

/** The bytes that the kubelet sends, each as a character, as node takes header values. */
const asHeaderBytes = (value: string): string => Buffer.from(value).toString('latin1');

const httpHeader = z.strictObject({
  name: z.string().regex(token, 'no name of a header'),
  value: z.string().regex(noControls, 'no value of a header').transform(asHeaderBytes),
});

const seconds = (fallback: number) => z.int().min(1).max(3_600).default(fallback);

const probeSchema = z
  .strictObject({
    httpGet: z
      .strictObject({
        path: z.string().default('/').transform(asTarget),
        port,
        scheme: z.literal('HTTP').default('HTTP'),
        httpHeaders: z.array(httpHeader).default([]),
      })
      .optional(),
    tcpSocket: z.strictObject({ port }).optional(),
    initialDelaySeconds: z.int().min(0).max(3_600).default(0),
    timeoutSeconds: seconds(1),
    periodSeconds: seconds(10),
    successThreshold: seconds(1),
    failureThreshold: seconds(3),
  })
  .refine(({ httpGet, tcpSocket }) => (httpGet === undefined) !== (tcpSocket === undefined), {
    message: 'one of httpGet and tcpSocket is needed',
  });

export type ReadinessProbe = z.infer<typeof probeSchema>;

export type ReadProbe =
  | { readonly ok: true; readonly probe: ReadinessProbe | undefined }
  | { readonly ok: false; readonly reason: string };

/** Reads the setting; empty: there is none. */
export const readProbe = (text: string): ReadProbe => {
  if (text === '') return { ok: true, probe: undefined };
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
  const read = probeSchema.safeParse(given);
  if (read.success) return { ok: true, probe: read.data };
  const reason = read.error.issues
    .map(({ path, message }) => [path.join('.'), message].filter((one) => one !== '').join(': '))
    .join('; ');
  return { ok: false, reason };
};
