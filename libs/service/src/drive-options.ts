/** What the loop of a deterministic stage is given. */
import type { FlyballEvent, RecordedEvent } from '@flyball/contracts';
import type { DeterministicStage } from './deterministic-stage.ts';
import type { Recovered } from './recover.ts';
import type { StageLoopOptions } from './stage-loop-options.ts';
import type { OnStored } from './stored-now.ts';

export interface DriveOptions<State> extends StageLoopOptions<State> {
  readonly stage: DeterministicStage<State>;
  /**
   * The state has caught up with what was in the log when it began. `state` gives what it is at any
   * later moment, for reading; undefined once it was discarded, or the loop has ended.
   */
  readonly onLive?: (state: () => State | undefined) => void;
  /** Undefined where nobody wants to know: then it costs nothing. */
  readonly onStored?: OnStored<FlyballEvent, RecordedEvent>;
  /** The log is not the one that was read, or lost its tail. */
  readonly onLost?: (from: Extract<Recovered<State>['from'], { kind: 'lost' }>) => void;
}
