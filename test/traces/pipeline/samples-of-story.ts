/** A story's loads as the batches that its sources send. */
import type { SamplesReportedData, WorkloadKey } from '@flyball/contracts';
import type { SampleBatch } from '@flyball/domain';
import type { Story, StoryStep } from './story.ts';
import { workloadsNamed } from './story.ts';

/** A batch reaches the log this long after its second has ended. */
const sentAfterSecondMs = 20;

export interface SentBatch {
  readonly sentAtMs: number;
  /** Without its place in SAMPLES. */
  readonly batch: Omit<SampleBatch, 'seq' | 'receivedAtMs'>;
}

interface Row {
  readonly workload: WorkloadKey;
  readonly concurrencyMilli: number | null;
  readonly requestsMilli: number | null;
  readonly inFlight: number;
  readonly traceparent: string | null;
}

interface Draft {
  readonly source: string;
  readonly secondAtMs: number;
  readonly sentAtMs: number;
  readonly rows: Row[];
  readonly covered: WorkloadKey[];
}

const milli = (value: number): number => Math.round(value * 1000);

const columnsOf = (rows: readonly Row[]): SamplesReportedData['rows'] => ({
  workloads: rows.map((row) => row.workload),
  concurrencyMilli: rows.map((row) => row.concurrencyMilli),
  requestsMilli: rows.map((row) => row.requestsMilli),
  inFlight: rows.map((row) => row.inFlight),
  traceparents: rows.map((row) => row.traceparent),
});

const batchOf = (draft: Draft, partialNumber?: number): SentBatch => {
  const { source, secondAtMs, sentAtMs, rows, covered } = draft;
  const tail = partialNumber === undefined ? '' : `:${partialNumber}`;
  const partial = partialNumber !== undefined;
  return {
    sentAtMs,
    batch: {
      id: `${source}:0:${secondAtMs}${tail}`,
      type: 'SamplesReported',
      partition: 0,
      pen: 'samples',
      source: source.startsWith('scrape-') ? '/flyball/collector' : `/flyball/${source}`,
      atMs: sentAtMs,
      data: { source, secondAtMs, partial, rows: columnsOf(rows), covered },
    },
  };
};

type Measured = Extract<StoryStep, { step: 'load' | 'covers' }>;

const rowOf = (workload: WorkloadKey, step: Extract<Measured, { step: 'load' }>): Row => {
  const { concurrency, requests = concurrency } = step;
  return {
    workload,
    concurrencyMilli: concurrency === null ? null : milli(concurrency),
    requestsMilli: requests === null ? null : milli(requests),
    inFlight: step.inFlight ?? Math.round(concurrency ?? 0),
    traceparent: null,
  };
};

const addSeconds = (drafts: Map<string, Draft>, step: Measured, startMs: number): void => {
  const names = workloadsNamed(step.step === 'load' ? step.load : step.covers);
  for (let second = step.fromS; second < step.untilS; second += 1) {
    const secondAtMs = startMs + second * 1000;
    const sentAtMs =
      step.sentAtS === undefined
        ? secondAtMs + 1000 + sentAfterSecondMs
        : startMs + milli(step.sentAtS);
    const key = `${step.source} ${secondAtMs} ${sentAtMs}`;
    const empty = { source: step.source, secondAtMs, sentAtMs, rows: [], covered: [] };
    const draft: Draft = drafts.get(key) ?? empty;
    drafts.set(key, draft);
    if (step.step === 'covers') draft.covered.push(...names);
    else draft.rows.push(...names.map((workload) => rowOf(workload, step)));
  }
};

const pokeOf = (
  step: Extract<StoryStep, { step: 'poke' }>,
  startMs: number,
  n: number,
): SentBatch => {
  const sentAtMs = startMs + milli(step.atS);
  const rows = workloadsNamed(step.poke).map((workload) => ({
    workload,
    concurrencyMilli: milli(step.concurrency),
    requestsMilli: milli(step.inFlight),
    inFlight: step.inFlight,
    traceparent: step.traceparent ?? null,
  }));
  const secondAtMs = Math.floor(sentAtMs / 1000) * 1000;
  return batchOf({ source: step.source, secondAtMs, sentAtMs, rows, covered: [] }, n);
};

/** Every batch once, in the order in which they are sent. */
export const samplesOfStory = (story: Story, startMs: number): readonly SentBatch[] => {
  const drafts = new Map<string, Draft>();
  const pokes: SentBatch[] = [];
  for (const step of story.steps) {
    if (step.step === 'load' || step.step === 'covers') addSeconds(drafts, step, startMs);
    if (step.step === 'poke') pokes.push(pokeOf(step, startMs, pokes.length + 1));
  }
  const whole = [...drafts.values()].map((draft) => batchOf(draft));
  return [...whole, ...pokes].sort((a, b) => a.sentAtMs - b.sentAtMs);
};
