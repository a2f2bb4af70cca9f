/** What the loop of a stage is given, whichever of the two loops it is. */
import type { EventLog } from '@flyball/event-log';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { LeftState } from './recover.ts';
import type { RecoverableStage } from './recoverable-stage.ts';
import type { RecoveryFacts } from './recovery-facts.ts';
import type { Recovery } from './recovery-turns.ts';
import type { StageMetrics } from './stage-metrics.ts';

export interface StageLoopOptions<State> {
  readonly log: EventLog;
  readonly stage: RecoverableStage<State>;
  readonly partition: number;
  /** Of the log; with it, events of other partitions' workloads are put aside. */
  readonly partitionCount?: number;
  /** Ends the loop at the next input, after a snapshot. */
  readonly signal: AbortSignal;
  /** Still the owner? Without it no snapshot is written. */
  readonly isOwner: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StageMetrics;
  /** What it shares with the loops of other partitions; nothing when not given. */
  readonly recovery?: Recovery<LeftState<State>>;
  /** Told each time that the state has caught up, before `onLive`, with how it came about. */
  readonly onRecovered?: (recovery: RecoveryFacts) => void;
}
