/** What the loop of a deterministic stage is given. */
import type { FlyballEvent, RecordedEvent } from '@flyball/contracts';
import type { EventLog } from '@flyball/event-log';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { DeterministicStage } from './deterministic-stage.ts';
import type { LeftState, Recovered } from './recover.ts';
import type { Recovery } from './recovery.ts';
import type { RecoveryFacts } from './recovery-facts.ts';
import type { StageMetrics } from './stage-metrics.ts';
import type { OnStored } from './stored-now.ts';

export interface DriveOptions<State> {
  readonly log: EventLog;
  readonly stage: DeterministicStage<State>;
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
  /**
   * The state has caught up with what was in the log when it began. `state` gives what it is at any
   * later moment, for reading; undefined once it was discarded, or the loop has ended.
   */
  readonly onLive?: (state: () => State | undefined) => void;
  /** Undefined where nobody wants to know: then it costs nothing. */
  readonly onStored?: OnStored<FlyballEvent, RecordedEvent>;
  /** Told at each time that the state has caught up, with how it came about. */
  readonly onRecovered?: (recovery: RecoveryFacts) => void;
  /** The log is not the one that was read, or lost its tail. */
  readonly onLost?: (from: Extract<Recovered<State>['from'], { kind: 'lost' }>) => void;
}
