/** Appends events: spelled, chained, fenced; one at a time per workload, workloads side by side. */
import { encodeEvent, type FlyballEvent, type OutsideError } from '@flyball/contracts';
import type { Append, AppendResult, EventStream } from '@flyball/event-log';
import type { Clock } from './clock.ts';
import { type Fence, type Fences, fenceAfter, noFence, subjectOfEvent } from './fences.ts';
import { retryOutside } from './retry.ts';

/** Appends under way before a stage's next input waits for them. */
export const appendsInFlightMax = 512;
/** Fences kept at most; those of subjects that were written longest ago are looked up again. */
export const fencesMax = 4_096;

export type Written =
  /** In the log, as given. `again`: it was found there, and whoever put it there may be another. */
  | { readonly kind: 'stored'; readonly seq: number; readonly again?: true }
  /** In the log with another body, told by a rival under the same id: that one is to be folded. */
  | { readonly kind: 'duplicate'; readonly seq: number }
  /** A rival wrote first, or the log lost what was read: discard the state and refold. */
  | { readonly kind: 'fenced'; readonly subject: string };

export interface WriterOptions {
  readonly stream: EventStream;
  /** What was folded so far; from a snapshot or from reading. */
  readonly fences?: Fences;
  /**
   * Through here everything of the own subjects was folded. Once fences were forgotten, a subject
   * without one is looked up, and if it was written after this, a rival wrote. `Infinity` for a
   * stream that is not folded at all (MINUTES).
   */
  readonly foldedThroughSeq: number;
  /**
   * The connection over which what follows from the state may be stored; undefined: the log lost
   * what the state has read, and nothing that follows from it may (`PositionCheck.holdsOver`).
   */
  readonly holdsOver?: () => Promise<number | undefined>;
  readonly clock: Clock;
  /** Ends retries; appends under way then reject. */
  readonly signal: AbortSignal;
  /** Told of each append: how long it took and what came of it. */
  readonly onAppend?: (pen: string, result: Written['kind'], durationMs: number) => void;
  readonly onRetry?: (error: OutsideError, attempt: number, pauseMs: number) => void;
}

export interface Writer {
  /**
   * Appends after all earlier appends of its workload, on whichever subject (a policy must not
   * stand before the workload that it is for), or of its subject where it is of no workload.
   * Rejects with a non-retriable OutsideError, or with the last retriable one when the signal
   * aborted. After `fenced` all that waits behind it stays fenced, whatever is noted meanwhile.
   */
  append(event: FlyballEvent): Promise<Written>;
  /**
   * A message of an own subject was folded from the log, or is passed by there: appends go on
   * after it. A later one that is known already stands.
   */
  note(subject: string, fence: Fence): void;
  /** What is known of one subject. */
  fence(subject: string): Fence | undefined;
  /**
   * What the fences are now, of the subjects that were written last, for a state that was folded
   * through `throughSeq`; the rest is forgotten. True only when nothing is under way (`settled`).
   */
  fences(throughSeq: number): Fences;
  /** Appends under way and waiting. */
  pending(): number;
  /** Resolves when nothing is under way; never rejects. */
  settled(): Promise<void>;
}

interface Context extends WriterOptions {
  readonly known: Map<string, Fence>;
  /** Lanes in which an append was refused or failed: what waits behind it is of the same state. */
  readonly refused: Set<string>;
  foldedThroughSeq: number;
  /** Some subjects' fences are only in the log. */
  forgot: boolean;
}

/** Undefined when a rival wrote after what was folded. */
const fenceOf = async (context: Context, subject: string): Promise<Fence | undefined> => {
  const known = context.known.get(subject);
  if (known !== undefined) return known;
  if (!context.forgot) return noFence;
  const last = await retryOutside(() => context.stream.last(subject), context);
  if (last === undefined) return noFence;
  return last.seq <= context.foldedThroughSeq ? fenceAfter(last) : undefined;
};

/** What is told one after the other. */
const laneOf = (event: FlyballEvent): string => event.workload ?? subjectOfEvent(event);

/** The trace that a message belongs to as a whole: its own, or that of its only traced row. */
const traceparentOf = (event: FlyballEvent): string | undefined => {
  if (event.traceparent !== undefined || event.type !== 'TickObserved') return event.traceparent;
  const { rows } = event.data as FlyballEvent<'TickObserved'>['data'];
  const traced = rows.traceparents.filter((one) => one !== null);
  return traced.length === 1 ? traced[0] : undefined;
};

const refuse = (context: Context, event: FlyballEvent): Written => {
  context.refused.add(laneOf(event));
  return { kind: 'fenced', subject: subjectOfEvent(event) };
};

/**
 * An append that is under way when the server dies must not be stored by the next one, unless that
 * one still has what the append follows from: an event would stand in the log without its cause.
 */
const publish = async ({ stream, holdsOver }: Context, message: Append): Promise<AppendResult> => {
  if (holdsOver === undefined) return stream.append(message);
  const connection = await holdsOver();
  if (connection === undefined) return { kind: 'fenced', lastSeq: 0 };
  return stream.append({ ...message, connection });
};

const appendChained = async (context: Context, event: FlyballEvent): Promise<Written> => {
  const subject = subjectOfEvent(event);
  const isRefused = context.refused.has(laneOf(event));
  const fence = isRefused ? undefined : await fenceOf(context, subject);
  if (fence === undefined) return refuse(context, event);
  const { body, chain } = encodeEvent(event, fence.chain);
  const plain = { subject, id: event.id, body, expectedLastSeq: fence.seq };
  const traceparent = traceparentOf(event);
  const message = traceparent === undefined ? plain : { ...plain, traceparent };
  const result: AppendResult = await retryOutside(() => publish(context, message), context);
  if (result.kind === 'fenced') return refuse(context, event);
  if (result.kind === 'stored') {
    context.known.set(subject, { seq: result.seq, chain });
    return result;
  }
  context.known.set(subject, fenceAfter(result));
  return { kind: 'duplicate', seq: result.seq };
};

/** What is too much is forgotten, as far as the state has read past it. */
const forgetOldest = (context: Context, throughSeq: number): void => {
  const { known } = context;
  if (known.size <= fencesMax) return;
  const oldest = [...known]
    .filter(([, fence]) => fence.seq <= throughSeq)
    .sort(([, one], [, other]) => one.seq - other.seq)
    .slice(0, known.size - fencesMax);
  for (const [subject] of oldest) known.delete(subject);
  context.forgot ||= oldest.length > 0;
};

/** Opens a writer. Not for two owners of one subject in one process. */
export const openWriter = (options: WriterOptions): Writer => {
  const known = new Map(Object.entries(options.fences ?? {}));
  // Of those that are kept none is ever lost: fewer than the limit, and none was forgotten.
  const forgot = known.size >= fencesMax || options.foldedThroughSeq === Number.POSITIVE_INFINITY;
  const context: Context = { ...options, known, refused: new Set(), forgot };
  const tails = new Map<string, Promise<unknown>>();
  let pending = 0;

  const appendNow = async (event: FlyballEvent): Promise<Written> => {
    const startedMs = options.clock.monotonicMs();
    const written = await appendChained(context, event).catch((error: unknown) => {
      // Not told, or nobody knows: what waits behind it must not be told instead.
      refuse(context, event);
      throw error;
    });
    options.onAppend?.(event.pen, written.kind, options.clock.monotonicMs() - startedMs);
    return written;
  };

  const append = async (event: FlyballEvent): Promise<Written> => {
    const lane = laneOf(event);
    const before = tails.get(lane);
    pending += 1;
    // The first in an idle lane goes out in this turn of the loop, not in the next.
    const turn = before === undefined ? appendNow(event) : before.then(() => appendNow(event));
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    tails.set(lane, settled);
    try {
      return await turn;
    } finally {
      pending -= 1;
      if (tails.get(lane) === settled) tails.delete(lane);
    }
  };

  return {
    append,
    note: (subject, fence) => {
      if (fence.seq >= (context.known.get(subject)?.seq ?? 0)) context.known.set(subject, fence);
    },
    fence: (subject) => context.known.get(subject),
    fences: (throughSeq) => {
      context.foldedThroughSeq = throughSeq;
      forgetOldest(context, throughSeq);
      return Object.fromEntries(context.known);
    },
    pending: () => pending,
    settled: async () => {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
};
