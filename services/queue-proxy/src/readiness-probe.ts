/** A pod's readiness probe, as Kubernetes writes it: `httpGet` or `tcpSocket`, and how often. */
import { z } from 'zod';

const port = z.int().min(1).max(65_535);
const seconds = (fallback: number) => z.int().min(1).max(3_600).default(fallback);

const probeSchema = z
  .strictObject({
    httpGet: z
      .strictObject({
        path: z.string().default('/'),
        port,
        scheme: z.literal('HTTP').default('HTTP'),
        httpHeaders: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
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
