/** What the decider knows of one workload: policy, pods, averages, and what it decided last. */
import type { Mode, Policy, Routing, Seen } from '@flyball/contracts';

/** `starting` has never been ready; `unready` was, or drains. */
export type PodPhase = 'starting' | 'ready' | 'unready';

/** Activating: asked for and not up yet. Active: up. Inactive: on its way to zero, or there. */
export interface Activity {
  readonly kind: 'activating' | 'active' | 'inactive';
  readonly sinceMs: number;
  /** Inactive because it could not be activated; until the next evaluation. */
  readonly timedOut?: true;
}

/** What the algorithm itself remembers from one evaluation to the next. */
export interface Memory {
  /** Pods wanted before bounds and gates; null before the first valid evaluation. */
  readonly desired: number | null;
  readonly panicSinceMs: number | null;
  /** The last evaluation that was over the panic threshold. */
  readonly panicOverAtMs: number | null;
  /** The most that was wanted since panic began. */
  readonly panicMax: number;
  /** The largest want of each 2 s slot, oldest first: `[slot, pods]`. */
  readonly delaySlots: readonly (readonly [number, number])[];
  readonly activity: Activity;
  /** The initial scale was reached once; from then on it is ignored. */
  readonly initialised: boolean;
  /** null before the first valid evaluation. */
  readonly excessBurstCapacity: number | null;
}

export interface LastDecision {
  readonly id: string;
  readonly atMs: number;
  readonly from: number | null;
  readonly to: number;
  readonly mode: Mode;
  readonly routing: Routing;
  readonly binding: string;
  readonly reason: string;
}

/** `[from, until)`, at whole seconds. */
export type Stretch = readonly [fromMs: number, untilMs: number];

/** What is known of how much of its window was seen. */
export interface Sight {
  /**
   * The first row with averages since it has pods, or since it had none of either; null before.
   * Its window may be as young. No minute goes without a record from then on, so that a replay
   * from minutes has every tick.
   */
  readonly averagedSinceMs: number | null;
  /** Oldest first, apart from one another; those that have left the stable window are dropped. */
  readonly unseen: readonly Stretch[];
}

/** Owned by the decider's `evolve`, which changes it in place. */
export interface WorkloadState {
  /** null until the workload appeared; nothing is decided before. */
  uid: string | null;
  policy: Policy | null;
  policyId: string | null;
  /** The delay of the first policy: Knative never changes it afterwards. */
  firstDelayMs: number | null;
  pods: Record<string, PodPhase>;
  readyPods: number;
  startingPods: number;
  reachable: boolean;
  platformSeen: boolean;
  /** Averages over the windows, in the policy's metric; null without data. */
  stableAverage: number | null;
  panicAverage: number | null;
  seen: Seen;
  /** Since when it has been measured without a break; null while it is not. */
  measuredSinceMs: number | null;
  coveredAtMs: number | null;
  /** Of the time before: what of the window was seen. */
  sight: Sight;
  /** Pods that it came with, until one stable window is covered; null afterwards. */
  adopting: number | null;
  /** The routing that was applied, and since when. */
  routing: { readonly applied: Routing; readonly sinceMs: number } | null;
  /** Replicas that the platform was last asked for. */
  asked: number;
  memory: Memory;
  last: LastDecision | null;
  /** To be evaluated at the next tick even without a row. */
  pending: boolean;
  /** The last tick (not poke) that evaluated it. */
  tickedAtMs: number | null;
}

export const initialMemory = (atMs: number): Memory => ({
  desired: null,
  panicSinceMs: null,
  panicOverAtMs: null,
  panicMax: 0,
  delaySlots: [],
  activity: { kind: 'activating', sinceMs: atMs },
  initialised: false,
  excessBurstCapacity: null,
});

export const initialSight: Sight = { averagedSinceMs: null, unseen: [] };

export const unknownWorkload = (atMs: number): WorkloadState => ({
  uid: null,
  policy: null,
  policyId: null,
  firstDelayMs: null,
  pods: {},
  readyPods: 0,
  startingPods: 0,
  reachable: true,
  platformSeen: true,
  stableAverage: null,
  panicAverage: null,
  seen: 'unobserved',
  measuredSinceMs: null,
  coveredAtMs: null,
  sight: initialSight,
  adopting: null,
  routing: null,
  asked: 0,
  memory: initialMemory(atMs),
  last: null,
  pending: true,
  tickedAtMs: null,
});

/** Asked for, and not up yet. */
export const isActivating = ({ memory }: WorkloadState): boolean =>
  memory.activity.kind === 'activating';
