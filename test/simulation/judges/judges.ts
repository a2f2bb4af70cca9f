/** All judges, by name. */
import type { Evidence, Judge } from './evidence.ts';
import {
  causesExist,
  chainsAreWhole,
  decisionsFollow,
  idsAreUnique,
  ticksKeepToTheTime,
} from './history.ts';
import { countsAreTrue, countsBalance, lossesAreNamed } from './ledger.ts';
import { replayDecidesTheSame } from './replay.ts';
import { replicasAreWithinBounds, replicasMoveByDecisions, zeroIsGated } from './scaling.ts';

const judges: Readonly<Record<string, Judge>> = {
  'ids are unique': idsAreUnique,
  'chains are whole': chainsAreWhole,
  'causes exist': causesExist,
  'decisions follow': decisionsFollow,
  'ticks keep to the time': ticksKeepToTheTime,
  'replicas are within bounds': replicasAreWithinBounds,
  'zero is gated': zeroIsGated,
  'replicas move by decisions': replicasMoveByDecisions,
  'counts balance': countsBalance,
  'counts are true': countsAreTrue,
  'losses are named': lossesAreNamed,
  'replay decides the same': replayDecidesTheSame,
};

/** Everything that is wrong, each with the judge who says so. */
export const judgeAll = (evidence: Evidence): string[] =>
  Object.entries(judges).flatMap(([name, judge]) =>
    judge(evidence).map((wrong) => `${name}: ${wrong}`),
  );
