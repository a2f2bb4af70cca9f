/** The one way to append: what an acknowledgement or a refusal of the server really means. */
import type { Append, AppendResult, StoredMessage } from './event-log.ts';

/** What one publish came to. Whether it was stored is known: retries happen below this. */
export type PublishAnswer =
  | { readonly kind: 'acknowledged'; readonly seq: number; readonly duplicate: boolean }
  /** The server's "wrong last sequence" for this subject. */
  | { readonly kind: 'refused' };

/** The few calls the procedure makes; each retries by itself until it knows its answer. */
export interface AppendPort {
  publish(message: Append): Promise<PublishAnswer>;
  /** The first message of exactly this subject at or after `fromSeq`. */
  next(subject: string, fromSeq: number): Promise<StoredMessage | undefined>;
  at(seq: number): Promise<StoredMessage | undefined>;
  last(subject: string): Promise<StoredMessage | undefined>;
  /** The last sequence the stream has given to any message; 0 while none. */
  streamLastSeq(): Promise<number>;
}

/** How often a subject may be found emptied below one append before that is called a lost fence. */
const maxEmptied = 3;

const asOurs = (message: Append, stored: StoredMessage): AppendResult => {
  if (stored.subject !== message.subject) {
    throw new Error(
      `Id ${message.id} of ${message.subject} was already used on ${stored.subject}: ids must be ` +
        `unique in the whole stream, so the new message was dropped by the server.`,
    );
  }
  return stored.body === message.body
    ? { kind: 'stored', seq: stored.seq, again: true }
    : { kind: 'duplicate', seq: stored.seq, body: stored.body };
};

const fenced = async (port: AppendPort, subject: string): Promise<AppendResult> => ({
  kind: 'fenced',
  lastSeq: (await port.last(subject))?.seq ?? 0,
});

const resolveDuplicate = async (
  port: AppendPort,
  message: Append,
  seq: number,
): Promise<AppendResult> => {
  // Without a fence one process owns the id, and it may not be allowed to read the stream.
  if (message.expectedLastSeq === undefined) return { kind: 'stored', seq, again: true };
  const stored = await port.at(seq);
  if (stored === undefined) return fenced(port, message.subject);
  if (stored.subject !== message.subject) return asOurs(message, stored);
  // Servers differ in whether they look at the id or at the fence first; the answer must not.
  const next = await port.next(message.subject, message.expectedLastSeq + 1);
  return next === undefined || next.seq === stored.seq
    ? asOurs(message, stored)
    : fenced(port, message.subject);
};

/** Undefined when the subject was emptied (by age or purge), so that 0 is to be expected now. */
const resolveRefused = async (
  port: AppendPort,
  message: Append,
  expected: number,
): Promise<AppendResult | undefined> => {
  const next = await port.next(message.subject, expected + 1);
  if (next !== undefined) {
    return next.id === message.id ? asOurs(message, next) : fenced(port, message.subject);
  }
  const last = await port.last(message.subject);
  // A stream that lost its tail, its reader must notice: it ends before the expectation, or has
  // given its place to a message of another subject since.
  const truncated =
    (await port.streamLastSeq()) < expected || (await port.at(expected)) !== undefined;
  return last === undefined && !truncated && expected > 0
    ? undefined
    : { kind: 'fenced', lastSeq: last?.seq ?? 0 };
};

/**
 * Appends once and for all: `stored` and `duplicate` say where, `fenced` says that nothing of this
 * append is in the log. Only the first message after the expectation decides whether a refusal was
 * our own earlier try; a later one of the same subject may already be a rival's.
 */
export const appendByProcedure = async (
  port: AppendPort,
  message: Append,
): Promise<AppendResult> => {
  let current = message;
  for (let emptied = 0; emptied <= maxEmptied; emptied += 1) {
    const answer = await port.publish(current);
    if (answer.kind === 'acknowledged') {
      if (!answer.duplicate) return { kind: 'stored', seq: answer.seq };
      return resolveDuplicate(port, current, answer.seq);
    }
    const result = await resolveRefused(port, current, current.expectedLastSeq ?? 0);
    if (result !== undefined) return result;
    current = { ...current, expectedLastSeq: 0 };
  }
  return fenced(port, message.subject);
};
