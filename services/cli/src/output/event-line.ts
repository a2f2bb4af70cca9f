/** An event as one line for people: when, what, and a sentence. */
import type { AnyEvent } from '@flyball/contracts';
import { dateAndTime, eventSentence } from '@flyball/reading';
import { eventStyle } from './event-style.ts';
import type { Terminal } from './terminal.ts';

/** `name` is padded to the longest event name that a workload's subjects can hold. */
const nameWidth = 'WorkloadUnreachable'.length;

/** The time of day, with its date where that is not the day of `nowMs`. */
export const eventLine = (
  terminal: Terminal,
  event: AnyEvent,
  nowMs: number = event.atMs,
): string => {
  const time = terminal.styled('dim', dateAndTime(event.atMs, nowMs));
  const name = terminal.styled(eventStyle(event), event.type.padEnd(nameWidth));
  return `${time}  ${name}  ${eventSentence(event)}`;
};
