/** A stage that also hears and moves the outside: its answers come back as further inputs. */
import type { FlyballEvent, RecordedEvent } from '@flyball/contracts';
import type { Stage } from '@flyball/domain';
import type { RecoverableStage } from './recoverable-stage.ts';

/** What every shell input has; events of the log have it too. */
export interface ShellInput {
  readonly type: string;
}

export interface EffectfulStage<
  State,
  Input extends ShellInput,
  Event extends FlyballEvent,
  Command,
> extends RecoverableStage<State> {
  readonly stage: Stage<RecordedEvent | Input, State, Event | Command>;
  readonly isCommand: (output: Event | Command) => output is Command;
}

/** The live state of a partition, for its shell. */
export interface LiveState<State, Input> {
  /** Reads only; undefined fields of the past never come back. */
  readonly state: () => State;
  /** Turns the crank with an input of the outside; gives the number of outputs. */
  feed(input: Input): number;
  /** Ends with the tenure: of the lease, or of this state when a rival wrote. */
  readonly signal: AbortSignal;
  /** Folded through here. */
  readonly throughSeq: () => number;
}
