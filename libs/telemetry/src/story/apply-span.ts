/** The actuator applies a decision: from the command that it took until the platform answered. */
import { type FlyballEvent, streams } from '@flyball/contracts';
import type { FinishedSpan } from '../finished-span.ts';
import { attributeNames } from '../phases.ts';
import { contextOf } from '../trace-ids.ts';
import { attributesOf, type Doing, timesOf } from './told.ts';

type Action =
  | FlyballEvent<'ScaleApplied'>
  | FlyballEvent<'ScaleFailed'>
  | FlyballEvent<'ScaleSuperseded'>
  | FlyballEvent<'RoutingApplied'>
  | FlyballEvent<'RoutingFailed'>;

export interface ApplyStory extends Doing {
  readonly event: Action;
  /** The sequence that the stream gave the event; null when that is not known. */
  readonly seq: number | null;
}

/** The platform's answer, where the event holds the moment that it came. */
const answeredAtMs = ({ data }: Action): number | null =>
  'appliedAtMs' in data ? data.appliedAtMs : null;

/** The code is in most messages already. */
const errorOf = ({ data }: Action): string | null => {
  if (!('message' in data)) return null;
  const { code, message } = data;
  return message.includes(code) ? message : `${code}: ${message}`;
};

/**
 * One action on a decision, below that decision. It ends when the platform answered, as the event
 * says; `endMs` counts for the events that do not hold that moment.
 */
export const applySpan = ({ event, seq, startMs, endMs }: ApplyStory): FinishedSpan => {
  const { data } = event;
  const end = answeredAtMs(event) ?? endMs;
  return {
    ...contextOf(event),
    name: 'routing' in data ? 'route' : 'scale',
    kind: 'client',
    ...timesOf({ startMs: Math.min(startMs, end), endMs: end }),
    attributes: attributesOf({
      [attributeNames.phase]: 'apply',
      [attributeNames.workload]: event.workload,
      [attributeNames.eventId]: event.id,
      [attributeNames.from]: 'from' in data ? data.from : null,
      [attributeNames.to]: 'to' in data ? data.to : null,
      [attributeNames.routing]: 'routing' in data ? data.routing : null,
      [attributeNames.reason]: reasonOf(event),
      'flyball.attempt': 'attempt' in data ? data.attempt : null,
      [attributeNames.partition]: event.partition,
      [attributeNames.stream]: streams.events,
      [attributeNames.sequence]: seq,
    }),
    links: [],
    error: errorOf(event),
  };
};

/** Why it was done, or that it was overtaken. */
const reasonOf = ({ data }: Action): string | null => {
  if ('because' in data) return data.because;
  return 'byDecisionId' in data ? 'superseded' : null;
};
