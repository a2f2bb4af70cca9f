/** A replay decides again what was decided: it links to the original, and never continues it. */
import type { WorkloadKey } from '@flyball/contracts';
import { type FinishedSpan, linksMax, type SpanLink } from '../finished-span.ts';
import { attributeNames } from '../phases.ts';
import { contextOf, rootContextOf, spanIdOf, type TracedEvent } from '../trace-ids.ts';
import { attributesOf, type Doing, timesOf } from './told.ts';

/** Spans of one replay at most, each with its links; what is left over is counted. */
export const replaySpansMax = 64;

export interface ReplayStory extends Doing {
  /** What makes this replay differ from any other: its start is enough for a person's. */
  readonly id: string;
  /** Null: all workloads. */
  readonly workload: WorkloadKey | null;
  /** The recorded decisions that were made again, in their order. */
  readonly decisions: readonly TracedEvent[];
  /** Decisions beyond those, which were not kept to be linked to. */
  readonly more?: number;
  /** How many came out otherwise. */
  readonly differences: number;
}

const linkTo = (decision: TracedEvent): SpanLink => {
  const { traceId, spanId } = contextOf(decision);
  return { traceId, spanId, attributes: { [attributeNames.link]: 'replays' } };
};

/** The replay itself, and below it a span for each 128 decisions, with links to them. */
export const replaySpans = (story: ReplayStory): FinishedSpan[] => {
  const { id, workload, decisions, differences } = story;
  const decided = decisions.length + (story.more ?? 0);
  const root = rootContextOf(`replay:${id}`);
  const linked = Math.min(decisions.length, replaySpansMax * linksMax);
  const whole: FinishedSpan = {
    ...root,
    name: 'replay',
    kind: 'internal',
    ...timesOf(story),
    attributes: attributesOf({
      [attributeNames.workload]: workload,
      'flyball.replay.decisions': decided,
      'flyball.replay.differences': differences,
      'flyball.replay.unlinked': decided - linked,
    }),
    links: [],
    error: differences === 0 ? null : `${differences} of ${decided} came out otherwise`,
  };
  const parts: FinishedSpan[] = [];
  for (let first = 0; first < linked; first += linksMax) {
    parts.push({
      ...whole,
      spanId: spanIdOf(`replay:${id}:${first}`),
      parentSpanId: root.spanId,
      name: 'decide again',
      attributes: attributesOf({ [attributeNames.workload]: workload }),
      links: decisions.slice(first, Math.min(first + linksMax, linked)).map(linkTo),
      error: null,
    });
  }
  return [whole, ...parts];
};
