/** The decider's stage as the drive turns it: its pens and how its state becomes a snapshot. */
import {
  type DeciderState,
  decider,
  deciderSnapshot,
  deciderSnapshotVersion,
  deciderStateFrom,
} from '@flyball/domain';
import type { DeterministicStage } from '@flyball/service';

export const deterministicDecider: DeterministicStage<DeciderState> = {
  stage: decider as DeterministicStage<DeciderState>['stage'],
  ownPens: ['decisions', 'progress'],
  passesBy: ['requests', 'lost', 'incidents'],
  snapshotVersion: deciderSnapshotVersion,
  toSnapshot: deciderSnapshot,
  fromSnapshot: deciderStateFrom,
};
