/** A story's input file: one JSON object a line, read strictly, every mistake named by its line. */
import type { WorkloadKey } from '@flyball/contracts';
import { z } from 'zod';

/** Seconds since the story's start; may have decimals. */
const atS = z.number().min(0);
const settings = z.record(z.string(), z.string());
/** A name, or several at once: `load/w-{1..501}`. */
const workloads = z.string().regex(/^[^/\s]+\/[^/\s]+$/, 'must be namespace/name');
const source = z.string().min(1).default('activator-1');
const span = { fromS: z.int().min(0), untilS: z.int().min(1) };
/** When all of the line's batches are sent; each at its second's end when absent. */
const sentAtS = atS.optional();

/** The first line: what the story is about, and how fast its platform obeys. */
const opening = z.strictObject({
  story: z.string().min(1),
  platform: z
    .strictObject({
      /** From a decision to the platform's answer. */
      applyMs: z.int().min(0).default(5),
      /** The same for a change of routing; `applyMs` when absent. */
      routeMs: z.int().min(0).optional(),
      /** From the platform's answer to a pod that exists, and to one that is ready. */
      podAppearsMs: z.int().min(0).default(20),
      podReadyMs: z.int().min(0).default(600),
      /** From the platform's answer to a pod that has drained. */
      podGoneMs: z.int().min(0).default(1_000),
    })
    .prefault({}),
  /** Keys of `config-autoscaler`. */
  config: settings.default({}),
  /** The replica counts that must be asked for, in order: what an update cannot rewrite. */
  asked: z.record(z.string(), z.array(z.int().min(0))).default({}),
});

const appears = z.strictObject({
  atS,
  appears: workloads,
  /** Ready pods that it comes with: it is adopted. */
  replicas: z.int().min(0).default(0),
  /** Without a prefix they are `autoscaling.knative.dev/…`. */
  annotations: settings.default({}),
});
const annotated = z.strictObject({ atS, annotated: workloads, annotations: settings });
/** A platform event as it is; `PodUnready`, `WorkloadUnreachable`, `PlatformUnseen` … */
const happens = z.strictObject({
  atS,
  happens: z.string(),
  to: workloads,
  data: z.record(z.string(), z.unknown()).default({}),
});
/** Each whole second from..until: this concurrency, as a source measured it. */
const load = z.strictObject({
  load: workloads,
  source,
  ...span,
  /** null: the source could not measure. */
  concurrency: z.number().min(0).nullable(),
  inFlight: z.int().min(0).optional(),
  requests: z.number().min(0).optional(),
  sentAtS,
});
const covers = z.strictObject({ covers: workloads, source, ...span, sentAtS });
/** Told at once, in the middle of a second. */
const poke = z.strictObject({
  atS,
  poke: workloads,
  source,
  concurrency: z.number().min(0),
  inFlight: z.int().min(0),
  traceparent: z.string().optional(),
});
/** Batches that were sent before come again: as new messages, or the very same ones. */
const again = z.strictObject({
  atS,
  again: z.string(),
  ...span,
  as: z.enum(['new messages', 'same messages']),
});
const ends = z.strictObject({ ends: z.literal(true), atS });

const steps = { appears, annotated, happens, load, covers, poke, again, ends } as const;
type Steps = typeof steps;
type StepName = keyof Steps;
/** One line, told apart by `step`. */
export type StoryStep = {
  [Name in StepName]: { readonly step: Name } & z.infer<Steps[Name]>;
}[StepName];

export interface Story extends z.infer<typeof opening> {
  readonly steps: readonly StoryStep[];
  readonly endS: number;
}

const stepNames = Object.keys(steps) as StepName[];

const readWith = <T>(schema: z.ZodType<T>, value: unknown, place: string): T => {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new Error(`${place}: ${z.prettifyError(read.error)}`);
};

const readStep = (value: Record<string, unknown>, place: string): StoryStep => {
  const step = stepNames.find((name) => name in value);
  if (step === undefined) {
    throw new Error(`${place}: none of ${stepNames.join(', ')} is a key of it`);
  }
  return { step, ...readWith<object>(steps[step], value, place) } as StoryStep;
};

/** Reads a story; throws with `file:line` and what is wrong there. */
export const readStory = (text: string, file: string): Story => {
  const lines = text.split('\n').map((line, index) => ({ line, place: `${file}:${index + 1}` }));
  const [first, ...rest] = lines
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, place }) => ({ value: JSON.parse(line) as Record<string, unknown>, place }));
  if (first === undefined) throw new Error(`${file} is empty; its first line opens the story`);
  const read = rest.map(({ value, place }) => readStep(value, place));
  const end = read.at(-1);
  if (end?.step !== 'ends') throw new Error(`${file}: the last line must be {"ends":true,"atS":…}`);
  return { ...readWith(opening, first.value, first.place), steps: read, endS: end.atS };
};

const rangePattern = /^(.*)\{(\d+)\.\.(\d+)\}(.*)$/;

/** The workloads that a name stands for: `load/w-{1..3}` is three. */
export const workloadsNamed = (name: string): readonly WorkloadKey[] => {
  const range = rangePattern.exec(name);
  if (range === null) return [name as WorkloadKey];
  const [, before = '', from = '', to = '', after = ''] = range;
  return Array.from(
    { length: Number(to) - Number(from) + 1 },
    (_, index): WorkloadKey => `${before}${Number(from) + index}${after}` as WorkloadKey,
  );
};
