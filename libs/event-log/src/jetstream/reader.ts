/** The one reader: ordered, without gaps or repeats through server deaths and reconnects. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OutsideError } from '@flyball/contracts';
import { DeliverPolicy, type JsMsg, type OrderedConsumerOptions } from '@nats-io/jetstream';
import { endCheckMs, retryPauseMs } from './limits.ts';
import { failureKind, toOutsideError } from './nats-failure.ts';
import { PullSession, type PullSource } from './pull-session.ts';

export interface PullOptions {
  readonly filter: string;
  readonly afterSeq: number;
  readonly signal: AbortSignal;
  readonly onResume?: (reason: string) => void;
  readonly onOpen?: (connection: number) => void;
  /**
   * Begins with the newest message of each subject, in order, instead of all of them; so does each
   * consumer that is made anew, as the stream may have lost its tail: the newest come again then.
   */
  readonly newestOnly?: boolean;
  readonly headersOnly?: boolean;
  /** Ends once everything that matched at the start has come. */
  readonly untilCurrent?: boolean;
}

const startOf = (options: PullOptions, position: number): Partial<OrderedConsumerOptions> => {
  const filtered = {
    filter_subjects: options.filter,
    ...(options.headersOnly === true ? { headers_only: true } : {}),
  };
  return options.newestOnly === true
    ? { ...filtered, deliver_policy: DeliverPolicy.LastPerSubject }
    : { ...filtered, opt_start_seq: position + 1 };
};

const open = (source: PullSource, options: PullOptions, position: number): Promise<PullSession> =>
  source.link.untilAnswered(`Reading ${options.filter} of ${source.stream}`, () =>
    PullSession.open(source, startOf(options, position)),
  );

const passesByItself = (error: unknown): boolean =>
  error instanceof OutsideError && error.retriable && error.code !== 'NATS_STREAM_MISSING';

/** Like `open`, but as patient as its reader: an outage only ends with the signal. */
const openPatiently = async (
  source: PullSource,
  options: PullOptions,
  position: number,
): Promise<PullSession | undefined> => {
  while (!options.signal.aborted && source.link.status !== 'closed') {
    try {
      return await abandonedBy(options.signal, open(source, options, position));
    } catch (error) {
      if (!passesByItself(error)) throw error;
      await sleep(retryPauseMs.most);
    }
  }
  return undefined;
};

/** Undefined as soon as the signal aborts; a session that opens later is ended. */
const abandonedBy = (
  signal: AbortSignal,
  opening: Promise<PullSession>,
): Promise<PullSession | undefined> =>
  new Promise((resolve, reject) => {
    const abandon = () => resolve(undefined);
    signal.addEventListener('abort', abandon, { once: true });
    opening
      .then((session) => {
        if (signal.aborted) session.end('aborted');
        resolve(session);
      }, reject)
      .finally(() => signal.removeEventListener('abort', abandon));
  });

/**
 * Batches of what has arrived, in stream order; ends when the signal aborts or we close the link.
 * Throws an OutsideError when the server refuses us, or there is no such stream.
 */
export async function* pull(
  source: PullSource,
  options: PullOptions,
): AsyncGenerator<readonly JsMsg[], void, undefined> {
  const { signal } = options;
  let position = options.afterSeq;
  let resumed: string | undefined;
  for (;;) {
    const session = await openPatiently(source, options, position);
    if (options.newestOnly === true) position = 0;
    if (session === undefined) {
      if (source.link.failure !== undefined && !signal.aborted) throw source.link.failure;
      return;
    }
    if (signal.aborted) return;
    if (resumed !== undefined) options.onResume?.(resumed);
    options.onOpen?.(session.connection);
    const abort = () => session.end('aborted');
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (options.untilCurrent === true && (await session.pending()) === 0) return;
      for (let batch = await session.take(); batch.length > 0; batch = await session.take()) {
        const after = position;
        const fresh = batch.filter((message) => message.seq > after);
        position = fresh.at(-1)?.seq ?? position;
        if (signal.aborted) return;
        if (fresh.length > 0) yield fresh;
        if (options.untilCurrent === true && batch.at(-1)?.info.pending === 0) return;
      }
    } finally {
      signal.removeEventListener('abort', abort);
      session.end('left');
    }
    if (session.failure !== undefined && failureKind(session.failure) === 'final') {
      throw toOutsideError(session.failure, `Reading ${options.filter} of ${source.stream}`);
    }
    if (signal.aborted) return;
    resumed = session.ended ?? 'ended';
  }
}

interface Listing {
  readonly source: PullSource;
  readonly filter: string;
  readonly signal: AbortSignal;
}

/** A subject that comes a second time was written since: what was there before has come. */
const comeAgain = (told: Set<string>, batch: readonly JsMsg[]): boolean => {
  let again = false;
  for (const { subject } of batch) {
    again ||= told.has(subject);
    told.add(subject);
  }
  return again;
};

/** Undefined when it fell silent before its end: what was still to come was written over. */
const listOnce = async ({ source, filter, signal }: Listing): Promise<JsMsg[] | undefined> => {
  const silence = new AbortController();
  const told = new Set<string>();
  const newest: JsMsg[] = [];
  let heard = true;
  const timer = setInterval(() => {
    if (!heard) silence.abort();
    heard = false;
  }, endCheckMs);
  const options = { filter, afterSeq: 0, newestOnly: true, headersOnly: true, untilCurrent: true };
  const ended = AbortSignal.any([signal, silence.signal]);
  try {
    const onResume = () => told.clear();
    for await (const batch of pull(source, { ...options, signal: ended, onResume })) {
      heard = true;
      newest.push(...batch);
      if (comeAgain(told, batch)) return newest;
    }
  } finally {
    clearInterval(timer);
  }
  return ended.aborted || source.link.status === 'closed' ? undefined : newest;
};

/**
 * The newest message of each subject that matches, without its body, once `isWhole` finds it so. Of
 * a message that is written over before it is delivered a 2.9 server counts for ever that it is
 * still to come.
 */
export const newestHeaders = async (
  source: PullSource,
  filter: string,
  isWhole: (newest: readonly JsMsg[]) => Promise<boolean> = () => Promise.resolve(true),
): Promise<JsMsg[]> => {
  const { callMs } = source.link.limits;
  const signal = AbortSignal.timeout(callMs);
  while (!signal.aborted && source.link.status !== 'closed') {
    const newest = await listOnce({ source, filter, signal });
    if (newest !== undefined && (await isWhole(newest))) return newest;
  }
  throw new OutsideError(
    'NATS_TIMEOUT',
    `Listing ${filter} of ${source.stream} was not done within ${callMs} ms.`,
    { retriable: true },
  );
};
