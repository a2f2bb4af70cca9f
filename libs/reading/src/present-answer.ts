/** What the rules answer for a workload as it stands: why it moves, or why it does not. */
import type { Mode, RuleApplied, Seen, WorkloadKey } from '@flyball/contracts';
import { type DeciderState, decider } from '@flyball/domain';

export interface PresentAnswer {
  /** The last tick that was folded: everything is as of then. */
  readonly tickAtMs: number;
  readonly stableAverage: number | null;
  readonly panicAverage: number | null;
  readonly seen: Seen;
  readonly readyPods: number;
  readonly startingPods: number;
  /** What the rules answer. */
  readonly replicas: number;
  readonly mode: Mode;
  /** The rule that has the last say, and its sentence. */
  readonly binding: string;
  readonly holds: string;
  readonly rules: readonly RuleApplied[];
}

/**
 * Turns the decider's own rules once more over a copy of the state, at the time of its last tick.
 * Undefined while there is nothing to decide: no tick, no policy, or not ours to scale.
 */
export const presentAnswer = (
  state: DeciderState,
  workload: WorkloadKey,
): PresentAnswer | undefined => {
  const known = state.workloads[workload];
  if (known === undefined || state.tick.atMs === 0) return undefined;
  const { partition, tick } = state;
  const copy: DeciderState = {
    partition,
    workloads: { [workload]: { ...structuredClone(known), pending: true, tickedAtMs: null } },
    tick: { ...tick },
    assessed: [],
  };
  const { assessed } = decider.evolve(copy, {
    id: `${workload} once more`,
    type: 'TickObserved',
    pen: 'ticks',
    partition,
    source: '/flyball/reading',
    atMs: tick.atMs,
    seq: 0,
    data: {
      kind: 'tick',
      part: 1,
      parts: 1,
      samplesThroughSeq: 0,
      eventsThroughSeq: 0,
      rows: {
        workloads: [],
        stableMilli: [],
        panicMilli: [],
        seen: [],
        coveredAtMs: [],
        inFlight: [],
        traceparents: [],
      },
    },
  });
  const found = assessed[0]?.assessment;
  if (found === undefined) return undefined;
  const rules = found.path.map(({ rule, from, to, why }) => ({ rule, from, to, why: why() }));
  const { stableAverage, panicAverage, seen, readyPods, startingPods } = known;
  return {
    tickAtMs: tick.atMs,
    stableAverage,
    panicAverage,
    seen,
    readyPods,
    startingPods,
    replicas: found.to,
    mode: found.mode,
    binding: rules.at(-1)?.rule ?? '',
    holds: rules.at(-1)?.why ?? '',
    rules,
  };
};
