/** From a wanted number to what is asked of the platform: bounds, the gate to zero, activity. */
import { replicasMax } from '@flyball/contracts';
import type { Moved, Waiting } from '../assessment.ts';
import { type Activity, isActivating } from '../workload-state.ts';
import { boundRulesOf, initialScaleOf } from './bound-rules.ts';
import type { Facts } from './facts.ts';
import { type Routed, routed } from './routing.ts';
import { followRules } from './rule.ts';
import { unsureSentences, type Wanted } from './wanted.ts';
import { askZeroGate } from './zero-gate.ts';

export interface Settled {
  /** Replicas that the platform is asked for. */
  readonly to: number;
  /** What activity and routing go by; null: nothing is wanted of it now. */
  readonly want: number | null;
  readonly routed: Routed;
  /** What moved the number after the want. */
  readonly path: readonly Moved[];
  readonly activity: Activity;
  readonly initialised: boolean;
  readonly waiting: Waiting;
}

type Held = Pick<Settled, 'to' | 'want' | 'path'>;

/** Bounds, then the gate to zero, then the floor of those who cannot see. */
const held = (facts: Facts, wanted: number): Held => {
  const { unsure, undecided, fixes, workload } = facts;
  const bounds = followRules(boundRulesOf(facts, wanted), facts, wanted);
  const path = [...bounds.path];
  let to = Math.min(bounds.want, replicasMax);
  if (to < bounds.want) {
    const why = () => `no Deployment can be asked for more than ${replicasMax}`;
    path.push({ rule: 'replicas-max', from: bounds.want, to, why });
  }
  // Without any answer, one that is not just coming up is left as it is.
  const leftAlone = undecided && path.length === 0 && !isActivating(workload);
  let want: number | null = leftAlone ? null : to;
  if (to === 0 && want !== null) {
    const answer = askZeroGate(facts);
    want = answer.want;
    // The way to zero is told too: the number was zero before the gate, and is let through.
    if (answer.replicas !== to || (answer.gate === 'to-zero' && workload.asked > 0)) {
      path.push({ rule: answer.gate, from: to, to: answer.replicas, why: () => answer.why });
    }
    to = answer.replicas;
  }
  const floored = unsure !== null && (fixes.has('hold-unsure') || unsure === 'hold-unseen');
  if (floored && to < workload.asked) {
    path.push({ rule: unsure, from: to, to: workload.asked, why: () => unsureSentences[unsure] });
    to = workload.asked;
    want = to;
  }
  return { to, want, path };
};

/** How active the workload is after this evaluation. */
const activityAfter = (
  facts: Facts,
  want: number | null,
): Pick<Settled, 'activity' | 'initialised' | 'waiting'> => {
  const { workload, atMs, floor } = facts;
  const goesByWant = facts.fixes.has('active-when-wanted');
  const before = workload.memory.activity;
  const wanted = want !== null && want > 0;
  const first = Math.max(floor, initialScaleOf(facts));
  const initialised = workload.memory.initialised || workload.readyPods >= first;
  // Knative calls one with an initial scale of zero inactive first, even when it is wanted.
  const counts = workload.memory.initialised || (goesByWant && wanted);
  const enough = counts ? Math.max(first, 1) : first;
  const up = workload.readyPods >= enough;
  // In Knative another reason is another condition: its time counts anew.
  const stays = (kind: Activity['kind']): boolean =>
    before.kind === kind && (goesByWant || before.timedOut === undefined);
  const turn = (kind: Activity['kind'], waiting: Waiting) => ({
    activity: stays(kind)
      ? before
      : { kind, sinceMs: atMs, ...(waiting === 'timed-out' && { timedOut: true as const }) },
    initialised,
    waiting,
  });
  // Zero is wanted of one that is just coming up only when it was given up.
  const gaveUp = want === 0 && before.kind === 'activating' && enough > 0;
  if (want === 0 || enough === 0) return turn('inactive', gaveUp ? 'timed-out' : 'no-traffic');
  if (!wanted && before.kind === 'inactive') return turn('inactive', 'no-traffic');
  return up ? turn('active', null) : turn('activating', 'queued');
};

/** Bounds and gates a want, and says what becomes of activity and routing. */
export const settle = (facts: Facts, wanted: Wanted): Settled => {
  const { to, want, path } = held(facts, wanted.pods);
  return {
    to,
    want,
    path,
    routed: routed(facts, want, wanted.excessBurstCapacity),
    ...activityAfter(facts, want),
  };
};
