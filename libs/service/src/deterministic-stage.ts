/** A stage whose outputs follow from what it reads and nothing else, as the drive needs it. */
import type { FlyballEvent, RecordedEvent } from '@flyball/contracts';
import type { Stage } from '@flyball/domain';
import type { RecoverableStage } from './recoverable-stage.ts';

export interface DeterministicStage<State> extends RecoverableStage<State> {
  readonly stage: Stage<RecordedEvent, State, FlyballEvent>;
}
