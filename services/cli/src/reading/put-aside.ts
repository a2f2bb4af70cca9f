/** The messages that the decider of a partition put aside, by its dead letters. */
import { answersSubject, deadLettersSubject, decodeDeadLetter } from '@flyball/contracts';
import { type Reader, readWhole } from '@flyball/reading';

export interface PutAside {
  /** Its place in EVENTS. */
  readonly seq: number;
  readonly subject: string;
  /** The stage threw on it, and nobody has asked it to try again: it is not read since. */
  readonly isThrownOn: boolean;
}

const decider = 'decider';

interface Letter {
  readonly seq: number;
  readonly subject: string;
  readonly code: string;
  /** Its newest place in DEADLETTERS; it is put aside again by whoever still cannot take it. */
  readonly letterSeq: number;
}

/** Throws OutsideError. */
export const readPutAside = async (
  { log }: Reader,
  partition: number,
  signal: AbortSignal,
): Promise<readonly PutAside[]> => {
  // By place and subject: a place may have been another message's before the log lost its tail.
  const letters = new Map<string, Letter>();
  const keyAt = new Map<number, string>();
  const retriedAt = new Map<string, number>();
  const take = async (filter: string): Promise<void> => {
    for await (const batch of readWhole(log.deadLetters, { filter, afterSeq: 0, signal })) {
      for (const { body, subject, seq: letterSeq } of batch) {
        const decoded = decodeDeadLetter(body, subject, letterSeq);
        if (!decoded.ok) continue;
        const { event } = decoded;
        if (event.type === 'DeadLettered' && event.data.stream === 'EVENTS') {
          const { seq, subject: about, code } = event.data;
          const key = `${seq} ${about}`;
          keyAt.set(letterSeq, key);
          letters.set(key, { seq, subject: about, code, letterSeq });
        } else if (event.type === 'DeadLetterRetried') {
          const key = keyAt.get(event.data.letterSeq);
          if (key !== undefined) retriedAt.set(key, letterSeq);
        }
      }
    }
  };
  // The letters first: an answer names one of them.
  await take(deadLettersSubject(partition, decider));
  await take(answersSubject(partition, decider, 'refold'));
  return [...letters].map(([key, { seq, subject, code, letterSeq }]) => ({
    ...{ seq, subject },
    isThrownOn: code === 'STAGE_THREW' && letterSeq > (retriedAt.get(key) ?? 0),
  }));
};
