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

/** `dropped`: spans of it that were not kept. */
export const summarizeTrace = (
  traceId: string,
  spans: readonly FinishedSpan[],
  dropped: number,
): TraceSummary => {
  const sorted = spans.toSorted(byTime);
  const startMs = sorted[0]?.startMs ?? 0;
  return {
    traceId,
    kind: kindOf(sorted),
    workload: workloadOf(sorted),
    startMs,
    durationMs: sorted.reduce((latest, { endMs }) => Math.max(latest, endMs), startMs) - startMs,
    spans: sorted.length,
    dropped,
    error: sorted.find(({ error }) => error !== null)?.error ?? null,
    name: firstOf(sorted)?.name ?? '',
    phases: phaseTimesOf(sorted),
  };
};
