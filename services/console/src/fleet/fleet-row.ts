/** One row of the fleet, from what the decider knows and what was heard beside it. */
import type { DecidedWorkload, WorkloadState } from '@flyball/domain';
import { counted, shownWorkload } from '@flyball/reading';
import type { FleetRow } from '../wire.ts';
import type { WorkloadFacts } from './workload-facts.ts';

/** What is wrong with it, the gravest first. */
const problemOf = (
  { policy, platformSeen }: WorkloadState,
  { refusal, scaleFailure, routingFailure, illPods }: WorkloadFacts,
): string | null => {
  if (policy === null) return `No policy is in force: ${refusal ?? 'none was seen yet'}`;
  if (!platformSeen) return 'The platform cannot be seen: replicas stay as they are';
  if (scaleFailure !== null) return `The scale was not taken: ${scaleFailure}`;
  if (routingFailure !== null) return `The routing was not taken: ${routingFailure}`;
  const [ill] = illPods;
  if (ill !== undefined) {
    const [pod, why] = ill;
    return `${counted(illPods.size, 'pod')} cannot run; ${pod}: ${why}`;
  }
  return refusal === null ? null : `Refused settings, those before stay in force: ${refusal}`;
};

const seenOf = ({ seen, stableAverage, panicAverage }: DecidedWorkload): FleetRow['seen'] => {
  const isIdle = seen === 'measured' && !stableAverage && !panicAverage;
  return isIdle ? 'idle' : seen;
};

const useOf = ({ stableAverage, target, readyReplicas }: DecidedWorkload): number | null =>
  stableAverage === null || !target || readyReplicas === 0
    ? null
    : stableAverage / (target * readyReplicas);

const waitingIn = ({ waiting }: WorkloadFacts): number =>
  [...waiting.values()].reduce((sum, count) => sum + count, 0);

/** The averages are as of then; null before the first one. */
const dataAtMs = (workload: DecidedWorkload): number | null => {
  const { dataAgeMs } = shownWorkload(workload, workload.tickAtMs);
  return dataAgeMs === null ? null : workload.tickAtMs - dataAgeMs;
};

export const fleetRow = (
  partition: number,
  workload: DecidedWorkload,
  known: WorkloadState,
  facts: WorkloadFacts,
): FleetRow => ({
  namespace: workload.namespace,
  name: workload.name,
  partition,
  desired: workload.desiredReplicas,
  ready: workload.readyReplicas,
  mode: workload.mode,
  routing: workload.routing,
  stable: workload.stableAverage,
  panic: workload.panicAverage,
  target: workload.target,
  targetUse: useOf(workload),
  seen: seenOf(workload),
  inFlight: facts.inFlight,
  waiting: waitingIn(facts),
  dataAtMs: dataAtMs(workload),
  decidedAtMs: workload.lastDecision?.atMs ?? null,
  problem: problemOf(known, facts),
  spark: facts.spark.values,
});
