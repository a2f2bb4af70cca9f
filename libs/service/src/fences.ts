/** What a writer has folded of each of its subjects: the last sequence there, and its chain. */
import {
  chainOf,
  chainStart,
  type FlyballEvent,
  minutesSubject,
  subjectOf,
} from '@flyball/contracts';
import type { StoredMessage } from '@flyball/event-log';

export interface Fence {
  /** 0 before the first message of the subject. */
  readonly seq: number;
  readonly chain: string;
}

/** By subject; plain data, part of a snapshot. */
export type Fences = Readonly<Record<string, Fence>>;

export const noFence: Fence = { seq: 0, chain: chainStart };

/** The fence that a stored message leaves. */
export const fenceAfter = (message: Pick<StoredMessage, 'seq' | 'body'>): Fence => ({
  seq: message.seq,
  chain: chainOf(message.body) ?? chainStart,
});

/** Where an event is stored, whatever its stream. */
export const subjectOfEvent = (event: FlyballEvent): string => {
  if (event.pen === 'minutes' && event.workload !== undefined) {
    return minutesSubject(event.partition, event.workload);
  }
  return subjectOf(event);
};
