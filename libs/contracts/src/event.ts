/** An event as the stages know it, and how its id follows from its cause. */
import type { EventDataByName, EventName } from './events/index.ts';
import type { Pen } from './pens.ts';
import { partitionSubject, workloadSubject } from './subjects.ts';
import type { WorkloadKey } from './workload.ts';

/** A fact: what happened, to whom, when, because of what. */
export interface FlyballEvent<Name extends EventName = EventName> {
  /** Unique in the whole stream, and derived: the same fact has the same id however often told. */
  readonly id: string;
  readonly type: Name;
  /** Absent for the events that belong to a whole partition. */
  readonly workload?: WorkloadKey;
  readonly partition: number;
  readonly pen: Pen;
  /** CloudEvents source: `/flyball/<stage>`, with the instance for activators. */
  readonly source: string;
  /** UTC milliseconds of the cause; never the writer's clock in a pure stage. */
  readonly atMs: number;
  /** The id of the event or observation that made this one. */
  readonly causationId?: string;
  readonly traceparent?: string;
  readonly data: EventDataByName[Name];
}

/** The union of all events, told apart by `type`. */
export type AnyEvent = { [Name in EventName]: FlyballEvent<Name> }[EventName];

/** An event with its place in the stream. */
export type RecordedEvent = AnyEvent & { readonly seq: number };

/** `<id of the input>:<pen>:<namespace>/<workload>`, or `…:<partition>` for a partition's. */
export const derivedId = (inputId: string, pen: Pen, about: WorkloadKey | number): string =>
  `${inputId}:${pen}:${about}`;

export interface Cause {
  readonly id: string;
  readonly atMs: number;
  readonly traceparent?: string;
}

export interface EventDraft<Name extends EventName> {
  readonly type: Name;
  readonly pen: Pen;
  readonly workload?: WorkloadKey;
  readonly partition: number;
  readonly source: string;
  readonly cause: Cause;
  readonly data: EventDataByName[Name];
}

/** The event that follows from a cause: id, time and trace context are the cause's. */
export const eventFrom = <Name extends EventName>(draft: EventDraft<Name>): FlyballEvent<Name> => {
  const { cause, ...fact } = draft;
  return {
    id: derivedId(cause.id, draft.pen, draft.workload ?? draft.partition),
    ...fact,
    atMs: cause.atMs,
    causationId: cause.id,
    ...(cause.traceparent === undefined ? {} : { traceparent: cause.traceparent }),
  };
};

/** Where an event is stored. `instance` is that of the activator for the `requests` pen. */
export const subjectOf = (event: FlyballEvent, instance?: string): string =>
  event.workload === undefined
    ? partitionSubject(event.partition, event.pen)
    : workloadSubject(event.partition, event.workload, event.pen, instance);
