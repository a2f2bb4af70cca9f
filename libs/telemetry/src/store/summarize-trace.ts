/** What a trace tells at a glance, from its spans. */
import type { FinishedSpan } from '../finished-span.ts';
import { attributeNames, phases } from '../phases.ts';
import { byTime } from '../waterfall.ts';
import { isOfColdStart, phaseOf, requestIn } from './request-in.ts';
import type { PhaseTime, TraceKind, TraceSummary } from './trace-summary.ts';

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

/** All that its spans name, in their order. */
const workloadsIn = (spans: readonly FinishedSpan[]): readonly string[] => {
  const named = spans.map(({ attributes }) => attributes[attributeNames.workload]);
  return [...new Set(named.filter((workload) => typeof workload === 'string'))];
};

/** The one that begins the story where it is not a request: what nothing lies above. */
const firstOf = (sorted: readonly FinishedSpan[]): FinishedSpan | undefined => {
  const known = new Set(sorted.map(({ spanId }) => spanId));
  return (
    sorted.find(({ parentSpanId }) => parentSpanId === null || !known.has(parentSpanId)) ??
    sorted[0]
  );
};

type Stretch = Pick<FinishedSpan, 'startMs' | 'endMs'>;

const wholeOf = (sorted: readonly FinishedSpan[]): Stretch => {
  const startMs = sorted[0]?.startMs ?? 0;
  return { startMs, endMs: sorted.reduce((end, { endMs }) => Math.max(end, endMs), startMs) };
};

/**
 * A cold start took as long as its request did: what goes on after the answer, such as a pod that
 * is ready only then, nobody waited for. `dropped`: spans of it that were not kept.
 */
export const summarizeTrace = (
  traceId: string,
  spans: readonly FinishedSpan[],
  dropped: number,
): TraceSummary => {
  const sorted = spans.toSorted(byTime);
  const kind = kindOf(sorted);
  const told = requestIn(sorted);
  const ofRequest = told?.spans ?? sorted;
  const { startMs, endMs } = (kind === 'cold start' && told?.request) || wholeOf(sorted);
  return {
    traceId,
    kind,
    workload: workloadsIn(ofRequest)[0] ?? null,
    workloads: workloadsIn([...ofRequest, ...sorted]),
    startMs,
    durationMs: endMs - startMs,
    spans: sorted.length,
    dropped,
    error: sorted.find(({ error }) => error !== null)?.error ?? null,
    name: (told?.request ?? firstOf(sorted))?.name ?? '',
    phases: phaseTimesOf(ofRequest),
  };
};
