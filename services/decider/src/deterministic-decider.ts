/** The decider's stage as the drive turns it: its pens and how its state becomes a snapshot. */
import type { RecordedEvent } from '@flyball/contracts';
import {
  type DeciderState,
  decider,
  deciderSnapshot,
  deciderSnapshotVersion,
  deciderStateFrom,
} from '@flyball/domain';
import type { DeterministicStage } from '@flyball/service';

type DeciderStage = DeterministicStage<DeciderState>;

const endsTick = (input: RecordedEvent): boolean =>
  input.type === 'TickObserved' &&
  input.data.kind === 'tick' &&
  input.data.part === input.data.parts;

/** `onTick` sees the state after each whole tick; it must not keep it. */
export const deterministicDecider = (onTick: (state: DeciderState) => void): DeciderStage => {
  const stage = decider as DeciderStage['stage'];
  return {
    stage: {
      ...stage,
      decide: (input, state) => {
        if (endsTick(input)) onTick(state);
        return stage.decide(input, state);
      },
    },
    ownPens: ['decisions', 'progress'],
    passesBy: ['requests', 'lost', 'incidents'],
    snapshotVersion: deciderSnapshotVersion,
    toSnapshot: deciderSnapshot,
    fromSnapshot: deciderStateFrom,
  };
};
