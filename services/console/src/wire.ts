/**
 * What the console says over HTTP: the types of its answers, for the server, the page and the
 * command line. All times are UTC milliseconds; averages and loads are in the policy's metric
 * (requests in flight, or requests a second).
 */
import type { EventName, Mode, Routing, Seen } from '@flyball/contracts';
import type { TraceKind, ReceivedSpan as TraceSpan, TraceSummary } from '@flyball/telemetry/sink';

/** Every answer that is not 2xx: what was given, what is allowed, what to do. */
export interface ErrorAnswer {
  readonly error: {
    readonly code: ErrorCode;
    /** Sentences that a person reads. */
    readonly message: string;
    /** Of UNKNOWN_WORKLOAD: the names that come nearest, best first; at most three. */
    readonly nearest?: readonly string[];
  };
}

export type ErrorCode =
  /** 400: a parameter or a body that cannot be taken. */
  | 'BAD_REQUEST'
  /** 403: the Host header names neither this machine nor one of FLYBALL_CONSOLE_HOSTS. */
  | 'HOST_REFUSED'
  /** 404: nothing has ever been recorded of it. */
  | 'UNKNOWN_WORKLOAD'
  /** 404: not among the kept traces, or the beginning of several. */
  | 'UNKNOWN_TRACE'
  /** 404 or 405: no such address. */
  | 'UNKNOWN_ADDRESS'
  /** 413: more than one request may bring. */
  | 'TOO_LARGE'
  /** 415: neither application/json nor application/x-protobuf. */
  | 'UNKNOWN_MEDIA_TYPE'
  /** 503 with Retry-After: as many streams or readings as this console takes at once. */
  | 'TOO_MANY'
  /** 503 with Retry-After: the log cannot be read now. */
  | 'LOG_AWAY'
  /** 500: a mistake of ours. */
  | 'BUG';

/** The console answers within this time, whatever it waits for; who asks waits a little longer. */
export const answerMsMax = 25_000;
/** Of traces, which are in memory: events of the log that take longer are left out. */
export const tracesAnswerMsMax = 5_000;

// GET /api/fleet: server-sent events `fleet`, `away`, then `rows` at most once a second.

/** Values of a sparkline at most: one a tick, two minutes. */
export type Spark = readonly (number | null)[];

export interface FleetRow {
  readonly namespace: string;
  readonly name: string;
  /** Which part of the log it is in. */
  readonly partition: number;
  /** Replicas as decided last; those asked for while nothing is decided. */
  readonly desired: number;
  readonly ready: number;
  readonly mode: Mode;
  /** Null while neither applied nor decided. */
  readonly routing: Routing | null;
  /** Average over the stable window; null without data. */
  readonly stable: number | null;
  readonly panic: number | null;
  /** What one pod is to take; null without a policy. */
  readonly target: number | null;
  /** stable ÷ (target × ready); null without one of them, or with no ready pod. 1 is all of it. */
  readonly targetUse: number | null;
  /**
   * What the averages are worth: `measured` (with some load), `idle` (measured, and nothing comes),
   * `blind` (nobody could measure), `unobserved` (no pods and nothing held).
   */
  readonly seen: Seen | 'idle';
  /** Requests in flight at the last tick, where a poke told it; else null. */
  readonly inFlight: number | null;
  /** Requests that wait at the activators now. */
  readonly waiting: number;
  /**
   * What the averages were as of when this row was told; null before the first one. While it is not
   * blind, they are as of its partition's newest tick (`tickAtMs`): no row is told for age alone.
   */
  readonly dataAtMs: number | null;
  /** When the last decision was made; null before the first one. */
  readonly decidedAtMs: number | null;
  /** What is wrong with it, in a sentence; null when nothing is. */
  readonly problem: string | null;
  /**
   * Its load (the average over the panic window), oldest first, one a tick; at most 60. A flat line
   * is not told again while it stays flat: it ends now, however short it is.
   */
  readonly spark: Spark;
}

/** Event `fleet`: everything, at the beginning and after a log was made anew. */
export interface FleetTold {
  readonly atMs: number;
  /** By namespace and name. */
  readonly rows: readonly FleetRow[];
  /** How many there are beyond those rows, which are at most 10,000. */
  readonly more: number;
  /** The newest tick of each partition; null where none was seen. */
  readonly tickAtMs: readonly (number | null)[];
}

/** Event `rows`: what changed since the event before. */
export interface FleetChange {
  readonly atMs: number;
  readonly rows: readonly FleetRow[];
  /** `namespace/name` of those that are no longer under Flyball. */
  readonly gone: readonly string[];
  readonly tickAtMs: readonly (number | null)[];
}

/**
 * Event `away`, at the beginning and whenever it changes: what the console cannot see now;
 * `reason: null` while it sees all.
 */
export interface FleetAway {
  readonly atMs: number;
  readonly reason: string | null;
}

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const workloadPattern = new RegExp(`^${label}/(${label}(\\.${label})*)$`);
const nameMax = 253;

/** Whether a text is `namespace/name`, each as Kubernetes allows it. */
export const isWorkloadName = (text: string): boolean =>
  workloadPattern.test(text) && text.length - text.indexOf('/') - 1 <= nameMax;

// GET /api/workloads/:namespace/:name?sinceMs&untilMs

/** `[atMs, value]`; null where nothing could be measured, or nothing was recorded. */
export type Point = readonly [atMs: number, value: number | null];
/** `[atMs, count]`: holds from then until the next one. */
export type Step = readonly [atMs: number, count: number];

export type MarkKind = 'policy' | 'drift' | 'cold start' | 'lost' | 'failed';

export interface Mark {
  readonly atMs: number;
  readonly kind: MarkKind;
  readonly sentence: string;
  readonly eventId: string;
  readonly traceId: string | null;
}

/** Each list is in order of time and holds at most 2,000 entries; peaks are never thinned out. */
export interface Series {
  readonly namespace: string;
  readonly name: string;
  /** What is wrong with it now, whatever time was asked for; null when nothing is. */
  readonly problem: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** In what the loads below are measured: `concurrency` or `rps`; null without a policy. */
  readonly metric: string | null;
  /** The load of each second, at the second's start. */
  readonly concurrency: readonly Point[];
  /** The averages at each tick and poke. */
  readonly stable: readonly Point[];
  readonly panic: readonly Point[];
  /** What all ready pods are to take together, as steps: target of a pod × ready. */
  readonly target: readonly Point[];
  /** Replicas as steps: decided, accepted by the platform, ready. The first is the one before. */
  readonly wanted: readonly Step[];
  readonly applied: readonly Step[];
  readonly ready: readonly Step[];
  /** `[from, to]`; null: it panics still. */
  readonly panics: readonly (readonly [fromMs: number, toMs: number | null])[];
  /** Requests that wait at the activators, as steps. */
  readonly waiting: readonly Step[];
  readonly marks: readonly Mark[];
  /** Some values between the lowest and the highest of their neighbours were left out. */
  readonly isThinned: boolean;
}

// GET /api/workloads/:namespace/:name/changes: server-sent events `moved`, one at the beginning and
// then at most one a second; also of a workload that is not recorded yet.

export interface Moved {
  /** Null at the beginning of a stream: what moved before that is not known. */
  readonly atMs: number | null;
}

// GET /api/workloads/:namespace/:name/events?sinceMs&untilMs&limit: the newest `limit`, in order.

export interface ToldEvent {
  readonly seq: number;
  readonly id: string;
  readonly atMs: number;
  readonly type: EventName;
  /** `namespace/name`; null of a partition. */
  readonly workload: string | null;
  readonly sentence: string;
  /** The trace that it is part of; null of what is in none. */
  readonly traceId: string | null;
}

export interface EventsTold {
  readonly events: readonly ToldEvent[];
  /**
   * There are more in the time that was asked for, before the first one; or there may be: of a
   * workload the newest 5,000 and more are kept, and what was before them is not known any more.
   */
  readonly more: boolean;
}

// GET /api/workloads/:namespace/:name/explain?atMs: what `flyball explain -o json` prints.

export type { Explanation } from '@flyball/reading';

// POST /v1/traces: OTLP over HTTP, JSON or protobuf.
// GET /api/traces?workload&kind&minMs&limit: TraceSummary[], the newest first.

export type { TraceKind, TraceSummary } from '@flyball/telemetry/sink';

/** What `kind` may be, in the order in which they are offered. */
export const traceKinds = [
  'cold start',
  'decision',
  'request',
  'other',
] as const satisfies readonly TraceKind[];

// GET /api/traces/:id, by the whole id or a beginning that only one trace has.

export type { ReceivedSpan as TraceSpan } from '@flyball/telemetry/sink';

export interface TraceTold {
  readonly summary: TraceSummary;
  readonly spans: readonly TraceSpan[];
  /** What is recorded in the log of this trace; empty when no workload of it is known. */
  readonly events: readonly ToldEvent[];
  /** Why the log cannot be asked for them now, in a sentence; null: it was asked. */
  readonly eventsAway: string | null;
}
