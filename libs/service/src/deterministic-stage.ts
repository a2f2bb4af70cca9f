/** A stage whose outputs follow from what it reads and nothing else, as the drive needs it. */
import type { FlyballEvent, Pen, RecordedEvent } from '@flyball/contracts';
import type { Stage } from '@flyball/domain';

export interface DeterministicStage<State> {
  readonly stage: Stage<RecordedEvent, State, FlyballEvent>;
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
