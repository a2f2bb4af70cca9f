/** A stage takes over a partition: it reads again what was recorded, and tells only that. */
import type { FinishedSpan } from '../finished-span.ts';
import { attributeNames } from '../phases.ts';
import { rootContextOf } from '../trace-ids.ts';
import { attributesOf, type Doing, timesOf } from './told.ts';

export interface RecoverStory extends Doing {
  readonly stage: string;
  readonly instance: string;
  readonly partition: number;
  /** Where it began: after a snapshot, after what it held before, or at the log's beginning. */
  readonly from: 'snapshot' | 'memory' | 'log';
  /** Messages read again. */
  readonly events: number;
}

/** A trace of its own, whatever the messages that were read belong to. */
export const recoverSpan = (story: RecoverStory): FinishedSpan => {
  const { stage, instance, partition } = story;
  const id = `${stage}:${instance}:${partition}:recover:${story.startMs}`;
  return {
    ...rootContextOf(id),
    name: 'recover',
    kind: 'internal',
    ...timesOf(story),
    attributes: attributesOf({
      [attributeNames.partition]: partition,
      'flyball.stage': stage,
      'flyball.recovered.from': story.from,
      'flyball.recovered.events': story.events,
    }),
    links: [],
    error: null,
  };
};
