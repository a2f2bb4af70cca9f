/** A stage of the pipeline: data in, data out, and the one crank that turns it. */
import type { StageName } from '@flyball/contracts';

/**
 * `evolve`: what do we know after this? Total, never refuses. It owns the state that it is given
 * and may return the same object changed; nobody else keeps a state that was handed to `evolve`.
 * `decide`: what should be recorded (or done)? Nothing is a fine answer. It changes nothing.
 */
export interface Stage<Input, State, Output> {
  readonly name: StageName;
  initialState(partition: number): State;
  evolve(state: State, fact: Input | Output): State;
  decide(input: Input, state: State): readonly Output[];
}

export interface Stepped<State, Output> {
  readonly state: State;
  readonly outputs: readonly Output[];
}

/** Folds the input, decides, and folds what was decided at its cause. */
export const step = <Input, State, Output>(
  stage: Stage<Input, State, Output>,
  state: State,
  input: Input,
): Stepped<State, Output> => {
  const informed = stage.evolve(state, input);
  const outputs = stage.decide(input, informed);
  return {
    state: outputs.reduce((folded, output) => stage.evolve(folded, output), informed),
    outputs,
  };
};
