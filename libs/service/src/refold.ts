/** Whether an operator asked that a partition is folded anew, with what was put aside in it. */
import { answersSubject, OutsideError } from '@flyball/contracts';
import type { EventLog } from '@flyball/event-log';

/** What was asked, and what a state was folded after, are compared by the request's id. */
export interface RefoldKey {
  readonly log: EventLog;
  readonly stage: string;
  /** `*` for a fold of all partitions. */
  readonly partition: number | '*';
}

/** The id of the newest request; empty while there was none. Throws OutsideError. */
export const lastRefoldId = async ({ log, stage, partition }: RefoldKey): Promise<string> =>
  (await log.deadLetters.last(answersSubject(partition, stage, 'refold')))?.id ?? '';

/**
 * True when a state that was folded after the request `refoldId` is to be discarded. What cannot be
 * looked up now is looked up the next time; a request that has aged out is no longer one.
 */
export const isRefoldAsked = async (key: RefoldKey, refoldId: string): Promise<boolean> => {
  try {
    const asked = await lastRefoldId(key);
    return asked !== '' && asked !== refoldId;
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error;
    return false;
  }
};
