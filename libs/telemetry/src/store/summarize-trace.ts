/** What a trace tells at a glance, from its spans. */
import type { FinishedSpan } from '../finished-span.ts';
import { attributeNames, isPhase, type Phase, phases } from '../phases.ts';
import { byTime } from '../waterfall.ts';
import type { PhaseTime, TraceKind, TraceSummary } from './trace-summary.ts';

/** Only a followed request, or a pod that came for one, has a span of these. */
const coldPhases: ReadonlySet<unknown> = new Set<Phase>([
  'sample',
  'fold',
  'tick',
  'pod created',
  'pod started',
  'pod ready',
]);

const phaseOf = ({ attributes }: FinishedSpan): Phase | null => {
  const phase = attributes[attributeNames.phase];
  return isPhase(phase) ? phase : null;
};

/** Whether a span belongs to the story of a cold start, and to nothing else. */
export const isOfColdStart = (span: FinishedSpan): boolean =>
  coldPhases.has(phaseOf(span)) || attributeNames.waited in span.attributes;

const kindOf = (spans: readonly FinishedSpan[]): TraceKind => {
  if (spans.some(isOfColdStart)) return 'cold start';
  const told = new Set(spans.map(phaseOf));
  if (told.has('decide') || told.has('apply')) return 'decision';
  return told.has('received') ? 'request' : 'other';
};

const phaseTimesOf = (sorted: readonly FinishedSpan[]): PhaseTime[] =>
  phases.flatMap((phase) => {
    const first = sorted.find((span) => phaseOf(span) === phase);
    if (first === undefined) return [];
    return [{ phase, startMs: first.startMs, durationMs: first.endMs - first.startMs }];
  });

const workloadOf = (sorted: readonly FinishedSpan[]): string | null => {
  const workload = sorted.find((span) => attributeNames.workload in span.attributes)?.attributes[
    attributeNames.workload
  ];
  return typeof workload === 'string' ? workload : null;
};

/** The one that begins the story: the request, else what nothing lies above. */
const firstOf = (sorted: readonly FinishedSpan[]): FinishedSpan | undefined => {
  const known = new Set(sorted.map(({ spanId }) => spanId));
  return (
    sorted.find((span) => phaseOf(span) === 'received') ??
    sorted.find(({ parentSpanId }) => parentSpanId === null || !known.has(parentSpanId)) ??
    sorted[0]
  );
};

/** The request that waited, else the first one; undefined where the trace has none. */
const requestIn = (sorted: readonly FinishedSpan[]): FinishedSpan | undefined => {
  const requests = sorted.filter((span) => phaseOf(span) === 'received');
  return requests.find(isOfColdStart) ?? requests[0];
};

type Stretch = Pick<FinishedSpan, 'startMs' | 'endMs'>;

/**
 * A cold start took as long as its request did: what goes on after the answer, such as a pod that
 * is ready only then, nobody waited for.
 */
const stretchOf = (sorted: readonly FinishedSpan[], kind: TraceKind): Stretch => {
  const request = kind === 'cold start' ? requestIn(sorted) : undefined;
  if (request !== undefined) return request;
  const startMs = sorted[0]?.startMs ?? 0;
  return { startMs, endMs: sorted.reduce((end, { endMs }) => Math.max(end, endMs), startMs) };
};

/** `dropped`: spans of it that were not kept. */
export const summarizeTrace = (
  traceId: string,
  spans: readonly FinishedSpan[],
  dropped: number,
): TraceSummary => {
  const sorted = spans.toSorted(byTime);
  const kind = kindOf(sorted);
  const { startMs, endMs } = stretchOf(sorted, kind);
  return {
    traceId,
    kind,
    workload: workloadOf(sorted),
    startMs,
    durationMs: endMs - startMs,
    spans: sorted.length,
    dropped,
    error: sorted.find(({ error }) => error !== null)?.error ?? null,
    name: firstOf(sorted)?.name ?? '',
    phases: phaseTimesOf(sorted),
  };
};
