/** Is a stored position still a position of this log, or did the log lose what was read? */
import type { StoredMessage, StreamState } from './event-log.ts';

/** Where a reader stopped, told so that a log which lost its tail is recognised. */
export interface Position {
  /** `StreamState.createdAt` of the stream that was read. */
  readonly streamCreatedAt: string;
  /** The last sequence that was read; 0 for none. */
  readonly seq: number;
  /** The id of the message there; empty when `seq` is 0. */
  readonly eventId: string;
}

export type PositionVerdict =
  | { readonly kind: 'ok' }
  /** What was read from `lostFromSeq` on (at the latest) is no longer in the log. */
  | { readonly kind: 'truncated'; readonly lostFromSeq: number; readonly lostToSeq: number }
  /** Another stream under the same name: nothing of what was read is in it. */
  | { readonly kind: 'recreated'; readonly createdAt: string };

/**
 * Judges a position by the stream's state and by the message that is at its sequence now
 * (undefined when purged or aged out, which is no loss).
 */
export const classifyPosition = (
  state: StreamState,
  position: Position,
  messageAtSeq: Pick<StoredMessage, 'id'> | undefined,
): PositionVerdict => {
  const { seq } = position;
  if (state.createdAt !== position.streamCreatedAt) {
    return { kind: 'recreated', createdAt: state.createdAt };
  }
  if (seq > state.lastSeq) {
    return { kind: 'truncated', lostFromSeq: state.lastSeq + 1, lostToSeq: seq };
  }
  const rewritten = seq > 0 && messageAtSeq !== undefined && messageAtSeq.id !== position.eventId;
  return rewritten ? { kind: 'truncated', lostFromSeq: seq, lostToSeq: seq } : { kind: 'ok' };
};
