/** A stage whose state a loop can make anew from the log: what both kinds of stages have. */
import type { Pen, RecordedEvent } from '@flyball/contracts';

export interface RecoverableStage<State> {
  readonly stage: {
    readonly name: string;
    initialState(partition: number): State;
    evolve(state: State, fact: RecordedEvent): State;
  };
  /** What it writes into EVENTS. */
  readonly ownPens: readonly Pen[];
  /** Pens of others from which it learns nothing: their events are passed by unread. */
  readonly passesBy: readonly Pen[];
  /** Raised when older snapshots cannot be used any more. */
  readonly snapshotVersion: number;
  /** Plain data; serialised before the state changes again. */
  toSnapshot(state: State): unknown;
  /** Undefined when it cannot be read: the partition is refolded from the log. */
  fromSnapshot(snapshot: unknown, partition: number): State | undefined;
}
