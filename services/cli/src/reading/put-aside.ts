/** The messages that the decider of a partition put aside, by its dead letters. */
import { answersSubject, deadLettersSubject, decodeDeadLetter } from '@flyball/contracts';
import type { Reader } from './reader.ts';

export interface PutAside {
  /** Its place in EVENTS. */
  readonly seq: number;
  readonly subject: string;
  /** The stage threw on it, and nobody has asked it to try again: it is not read since. */
  readonly isThrownOn: boolean;
}

const decider = 'decider';

interface Letter {
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
  const letters = new Map<number, Letter>();
  const seqOfLetter = new Map<string, number>();
  const retriedAt = new Map<number, number>();
  const take = async (filter: string): Promise<void> => {
    for await (const batch of log.deadLetters.readToEnd({ filter, afterSeq: 0, signal })) {
      for (const { body, subject, seq: letterSeq } of batch) {
        const decoded = decodeDeadLetter(body, subject, letterSeq);
        if (!decoded.ok) continue;
        const { event } = decoded;
        if (event.type === 'DeadLettered' && event.data.stream === 'EVENTS') {
          const { seq, code } = event.data;
          seqOfLetter.set(event.id, seq);
          letters.set(seq, { subject: event.data.subject, code, letterSeq });
        } else if (event.type === 'DeadLetterRetried') {
          const seq = seqOfLetter.get(event.data.letterId);
          if (seq !== undefined) retriedAt.set(seq, letterSeq);
        }
      }
    }
  };
  // The letters first: an answer names one of them.
  await take(deadLettersSubject(partition, decider));
  await take(answersSubject(partition, decider, 'refold'));
  return [...letters].map(([seq, { subject, code, letterSeq }]) => ({
    ...{ seq, subject },
    isThrownOn: code === 'STAGE_THREW' && letterSeq > (retriedAt.get(seq) ?? 0),
  }));
};
