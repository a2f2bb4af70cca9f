/** Which request a trace is about, and what tells of it: one that calls others has theirs in it. */
import type { FinishedSpan } from '../finished-span.ts';
import { attributeNames, isPhase, type Phase } from '../phases.ts';

/** Only a followed request, or a pod that came for one, has a span of these. */
const coldPhases: ReadonlySet<unknown> = new Set<Phase>([
  'sample',
  'fold',
  'tick',
  'pod created',
  'pod started',
  'pod ready',
]);

/** What a span says that it is of the story; null where it is no phase. */
export const phaseOf = ({ attributes }: FinishedSpan): Phase | null => {
  const phase = attributes[attributeNames.phase];
  return isPhase(phase) ? phase : null;
};

/** Whether a span belongs to the story of a cold start, and to nothing else. */
export const isOfColdStart = (span: FinishedSpan): boolean =>
  coldPhases.has(phaseOf(span)) || attributeNames.waited in span.attributes;

export interface RequestTold<Span extends FinishedSpan> {
  readonly request: Span;
  /** The request itself, and what is neither another one's nor of another workload. */
  readonly spans: readonly Span[];
}

/** The request that waited, else the first one; undefined where the trace has none. */
export const requestIn = <Span extends FinishedSpan>(
  spans: readonly Span[],
): RequestTold<Span> | undefined => {
  const requests = spans
    .filter((span) => phaseOf(span) === 'received')
    .sort((one, other) => one.startMs - other.startMs);
  const request = requests.find(isOfColdStart) ?? requests[0];
  if (request === undefined) return undefined;
  const others = new Set(requests.map(({ spanId }) => spanId));
  others.delete(request.spanId);
  const workload = request.attributes[attributeNames.workload];
  const isOfOther = ({ spanId, parentSpanId, attributes }: Span): boolean => {
    const own = attributes[attributeNames.workload] ?? workload;
    const isOtherWorkload = workload !== undefined && own !== workload;
    return isOtherWorkload || others.has(spanId) || others.has(parentSpanId ?? '');
  };
  return { request, spans: spans.filter((span) => span === request || !isOfOther(span)) };
};
