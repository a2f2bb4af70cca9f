/** What the loop of an effectful stage is given. */
import type { FlyballEvent, RecordedEvent } from '@flyball/contracts';
import type { EffectfulStage, LiveState, ShellInput } from './effectful-stage.ts';
import type { LogLoss } from './position-check.ts';
import type { StageLoopOptions } from './stage-loop-options.ts';
import type { OnStored } from './stored-now.ts';

export interface FollowStageOptions<
  State,
  Input extends ShellInput,
  Event extends FlyballEvent,
  Command,
> extends StageLoopOptions<State> {
  readonly stage: EffectfulStage<State, Input, Event, Command>;
  /**
   * The state is that of the log's end: start to observe. Told again after each refold, each time
   * with what the log was found to have lost.
   */
  readonly onLive: (live: LiveState<State, Input>, loss: LogLoss | undefined) => void;
  /** Undefined where nobody wants to know: then it costs nothing. */
  readonly onStored?: OnStored<Event, RecordedEvent | Input>;
  /** The live state may have changed, by an input or by the log; must not throw. */
  readonly onChanged?: (live: LiveState<State, Input>) => void;
  /** Carries a command out; must not throw. */
  readonly onCommand?: (command: Command, live: LiveState<State, Input>) => void;
}
