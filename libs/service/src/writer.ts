/** Appends events: spelled, chained, fenced; one at a time per subject, subjects side by side. */
import {
  decodeEvent,
  encodeEvent,
  encodeUnchained,
  type FlyballEvent,
  OutsideError,
  pens,
  type RecordedEvent,
} from '@flyball/contracts';
import type { AppendResult, EventStream } from '@flyball/event-log';
import type { Clock } from './clock.ts';
import { type Fence, type Fences, fenceAfter, noFence, subjectOfEvent } from './fences.ts';
import { retryOutside } from './retry.ts';

export type Written =
  /** In the log now, as given. */
  | { readonly kind: 'stored'; readonly seq: number }
  /** In the log with another body, told by a rival under the same id: fold this one. */
  | { readonly kind: 'duplicate'; readonly event: RecordedEvent }
  /** A rival wrote first: discard the state and refold. */
  | { readonly kind: 'fenced'; readonly subject: string; readonly lastSeq: number };

export interface WriterOptions {
  readonly stream: EventStream;
  /** What was folded so far; from a snapshot or from reading. */
  readonly fences?: Fences;
  /**
   * A subject without a fence: `new` when everything was folded, so it must be empty; `last` when
   * the stream is not folded (MINUTES): the fence is then looked up once.
   */
  readonly unknownSubjects?: 'new' | 'last';
  /** The activator's own token in `requests.<instance>`. */
  readonly instance?: string;
  readonly clock: Clock;
  /** Ends retries; appends under way then reject. */
  readonly signal: AbortSignal;
  /** Told of each append: how long it took and what came of it. */
  readonly onAppend?: (pen: string, result: Written['kind'], durationMs: number) => void;
  readonly onRetry?: (error: OutsideError, attempt: number, pauseMs: number) => void;
}

export interface Writer {
  /**
   * Appends after all earlier appends on its subject. Rejects with a non-retriable OutsideError, or
   * with the last retriable one when the signal aborted. After `fenced` the subject stays fenced.
   */
  append(event: FlyballEvent): Promise<Written>;
  /** A message of an own subject was folded from the log: appends go on after it. */
  note(subject: string, fence: Fence): void;
  /** What is known of one subject. */
  fence(subject: string): Fence | undefined;
  /** What the fences are now; true only when nothing is under way (`settled`). */
  fences(): Fences;
  /** Appends under way and waiting. */
  pending(): number;
  /** Resolves when nothing is under way; never rejects. */
  settled(): Promise<void>;
}

interface Context extends WriterOptions {
  readonly known: Map<string, Fence>;
}

/** A lost chain of a subject that nobody else writes is found in the log, as is one not folded. */
const fenceOf = async (context: Context, subject: string, fenced: boolean): Promise<Fence> => {
  const known = context.known.get(subject);
  if (known !== undefined) return known;
  if (fenced && context.unknownSubjects !== 'last') return noFence;
  const last = await retryOutside(() => context.stream.last(subject), context);
  return last === undefined ? noFence : fenceAfter(last);
};

const duplicateOf = (subject: string, seq: number, body: string): Written => {
  const decoded = decodeEvent(body, subject, seq);
  if (decoded.ok) return { kind: 'duplicate', event: decoded.event };
  throw new OutsideError('LOG_CORRUPT', `${subject} ${seq}: ${decoded.reason}`, {
    retriable: false,
  });
};

const appendChained = async (
  context: Context,
  event: FlyballEvent,
  subject: string,
): Promise<Written> => {
  const { fenced } = pens[event.pen];
  const fence = await fenceOf(context, subject, fenced);
  const { body, chain } = encodeEvent(event, fence.chain);
  const message = { subject, id: event.id, body };
  const expected = fenced ? { expectedLastSeq: fence.seq } : {};
  const result: AppendResult = await retryOutside(
    () => context.stream.append({ ...message, ...expected }),
    context,
  );
  if (result.kind === 'fenced') return { kind: 'fenced', subject, lastSeq: result.lastSeq };
  if (result.kind === 'stored') {
    context.known.set(subject, { seq: result.seq, chain });
    return { kind: 'stored', seq: result.seq };
  }
  context.known.set(subject, fenceAfter(result));
  return duplicateOf(subject, result.seq, result.body);
};

/** SAMPLES are no history: the same state of the same second may be told twice. */
const appendUnchained = async (
  context: Context,
  event: FlyballEvent,
  subject: string,
): Promise<Written> => {
  const message = { subject, id: event.id, body: encodeUnchained(event) };
  const result = await retryOutside(() => context.stream.append(message), context);
  if (result.kind === 'fenced') throw new Error(`${subject} was refused although it has no fence`);
  return { kind: 'stored', seq: result.seq };
};

const isHistory = (event: FlyballEvent): boolean =>
  pens[event.pen].stream === 'EVENTS' || pens[event.pen].stream === 'MINUTES';

/** Opens a writer. Not for two owners of one subject in one process. */
export const openWriter = (options: WriterOptions): Writer => {
  const context: Context = { ...options, known: new Map(Object.entries(options.fences ?? {})) };
  const tails = new Map<string, Promise<unknown>>();
  let pending = 0;

  const appendNow = async (event: FlyballEvent, subject: string): Promise<Written> => {
    const startedMs = options.clock.monotonicMs();
    const append = isHistory(event) ? appendChained : appendUnchained;
    const written = await append(context, event, subject);
    options.onAppend?.(event.pen, written.kind, options.clock.monotonicMs() - startedMs);
    return written;
  };

  const append = async (event: FlyballEvent): Promise<Written> => {
    const subject = subjectOfEvent(event, options.instance);
    const before = tails.get(subject);
    pending += 1;
    // The first on an idle subject goes out in this turn of the loop, not in the next.
    const turn =
      before === undefined
        ? appendNow(event, subject)
        : before.then(() => appendNow(event, subject));
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    tails.set(subject, settled);
    try {
      return await turn;
    } finally {
      pending -= 1;
      if (tails.get(subject) === settled) tails.delete(subject);
    }
  };

  return {
    append,
    note: (subject, fence) => void context.known.set(subject, fence),
    fence: (subject) => context.known.get(subject),
    fences: () => Object.fromEntries(context.known),
    pending: () => pending,
    settled: async () => {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
};
