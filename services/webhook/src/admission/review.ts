/** What the API server asks a webhook and is answered: AdmissionReview v1. */
import { z } from 'zod';

const reviewSchema = z.looseObject({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.looseObject({
    uid: z.string().min(1),
    kind: z.looseObject({ group: z.string(), version: z.string(), kind: z.string() }),
    namespace: z.string().default(''),
    name: z.string().default(''),
    operation: z.string(),
    dryRun: z.boolean().default(false),
    object: z.unknown().optional(),
    oldObject: z.unknown().optional(),
  }),
});

export type AdmissionRequest = z.infer<typeof reviewSchema>['request'];

/** What a judge says of a request; absent parts are not said. */
export interface Verdict {
  readonly allowed: boolean;
  /** Why not, in sentences. */
  readonly message?: string;
  /** Shown by kubectl. */
  readonly warnings?: readonly string[];
  /** RFC 6902. */
  readonly patch?: readonly object[];
}

export type ReadReview =
  | { readonly ok: true; readonly request: AdmissionRequest }
  | { readonly ok: false; readonly reason: string };

export const readReview = (body: string): ReadReview => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
  const read = reviewSchema.safeParse(parsed);
  if (read.success) return { ok: true, request: read.data.request };
  return { ok: false, reason: z.prettifyError(read.error) };
};

/** The API server cuts longer ones, and all of them together at some 4 kB. */
const warningCharsMax = 250;
const warningsMax = 15;
const unprocessable = 422;

const cut = (text: string): string =>
  text.length > warningCharsMax ? `${text.slice(0, warningCharsMax - 1)}…` : text;

/** One line, as a header holds it. */
const inOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

export const reviewOf = (uid: string, verdict: Verdict): object => {
  const { allowed, message, warnings = [], patch = [] } = verdict;
  const said = warnings.slice(0, warningsMax).map(inOneLine).map(cut);
  const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed,
      ...(message === undefined
        ? {}
        : { status: { code: unprocessable, reason: 'Invalid', message } }),
      ...(said.length === 0 ? {} : { warnings: said }),
      ...(patch.length === 0 ? {} : { patchType: 'JSONPatch', patch: encoded }),
    },
  };
};
