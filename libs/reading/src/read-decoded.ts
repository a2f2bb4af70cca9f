/** Stored messages as events; what cannot be read is undefined. */
import { decodeEvent, type RecordedEvent } from '@flyball/contracts';
import type { StoredMessage } from '@flyball/event-log';

/** The event of a stored message, or undefined when it is not one, as the stages judge it. */
export const readDecoded = (
  { body, subject, seq }: StoredMessage,
  partitionCount: number,
): RecordedEvent | undefined => {
  const decoded = decodeEvent(body, subject, seq, partitionCount);
  return decoded.ok ? decoded.event : undefined;
};
