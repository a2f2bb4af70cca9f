/** What the loop of an effectful stage is given. */
import type { FlyballEvent, RecordedEvent } from '@flyball/contracts';
import type { EventLog } from '@flyball/event-log';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { EffectfulStage, ShellInput, Tenure } from './effectful-stage.ts';
import type { LogLoss } from './position-check.ts';
import type { LeftState } from './recover.ts';
import type { Recovery } from './recovery.ts';
import type { RecoveryFacts } from './recovery-facts.ts';
import type { StageMetrics } from './stage-metrics.ts';
import type { OnStored } from './stored-now.ts';

export interface FollowStageOptions<
  State,
  Input extends ShellInput,
  Event extends FlyballEvent,
  Command,
> {
  readonly log: EventLog;
  readonly stage: EffectfulStage<State, Input, Event, Command>;
  readonly partition: number;
  /** Of the log; with it, events of other partitions' workloads are put aside. */
  readonly partitionCount?: number;
  readonly signal: AbortSignal;
  /** Still the owner? Without it nothing is commanded and no snapshot is written. */
  readonly isOwner: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StageMetrics;
  /** What it shares with the loops of other partitions; nothing when not given. */
  readonly recovery?: Recovery<LeftState<State>>;
  /**
   * The state is that of the log's end: start to observe. Told again after each refold, each time
   * with what the log was found to have lost.
   */
  readonly onLive: (tenure: Tenure<State, Input>, loss: LogLoss | undefined) => void;
  /** Undefined where nobody wants to know: then it costs nothing. */
  readonly onStored?: OnStored<Event, RecordedEvent | Input>;
  /** Told each time before `onLive`, with how the state came about. */
  readonly onRecovered?: (recovery: RecoveryFacts) => void;
  /** The live state may have changed, by an input or by the log; must not throw. */
  readonly onChanged?: (tenure: Tenure<State, Input>) => void;
  /** Carries a command out; must not throw. */
  readonly onCommand?: (command: Command, tenure: Tenure<State, Input>) => void;
}
