/** One span for each row of a message that carries the trace context of a held request. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Attributes, FinishedSpan, SpanKind } from '../finished-span.ts';
import { attributeNames, type Phase } from '../phases.ts';
import { contextFrom, spanIdOf } from '../trace-ids.ts';
import { type Doing, timesOf } from './told.ts';

/** Spans told of one message at most: a burst of cold starts is told by its first ones. */
export const rowSpansMax = 128;

interface RowStory extends Doing {
  readonly rows: {
    readonly workloads: readonly WorkloadKey[];
    readonly traceparents: readonly (string | null)[];
  };
  readonly spanIdFor: (workload: WorkloadKey) => string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly phase: Phase;
  readonly attributes: Attributes;
}

/** A row without a trace context tells nothing: no request of its workload waits. */
export const rowSpans = (story: RowStory): FinishedSpan[] => {
  const { workloads, traceparents } = story.rows;
  const spans: FinishedSpan[] = [];
  for (let index = 0; index < workloads.length && spans.length < rowSpansMax; index += 1) {
    const [workload, traceparent] = [workloads[index], traceparents[index] ?? null];
    const request = traceparent === null ? undefined : contextFrom(traceparent);
    if (workload === undefined || request === undefined) continue;
    spans.push({
      traceId: request.traceId,
      spanId: spanIdOf(story.spanIdFor(workload)),
      parentSpanId: request.spanId,
      name: story.name,
      kind: story.kind,
      ...timesOf(story),
      attributes: {
        ...story.attributes,
        [attributeNames.workload]: workload,
        [attributeNames.phase]: story.phase,
      },
      links: [],
      error: null,
    });
  }
  return spans;
};
