/** What one evaluation of one workload found: the answer, the way to it, and what to remember. */
import type { DecisionInputs, Mode, Policy, Routing } from '@flyball/contracts';
import type { Memory } from './workload-state.ts';

/** Why a workload is not active; null while it is. */
export type Waiting = 'queued' | 'no-traffic' | 'timed-out' | null;

/** One rule that moved the number; its sentence is made only when it is told. */
export interface Moved {
  readonly rule: string;
  /** null for the rule that the path starts with. */
  readonly from: number | null;
  readonly to: number;
  readonly why: () => string;
}

export interface Assessment {
  readonly to: number;
  /** What activity and routing go by: zero before the last pods go; null: nothing is wanted. */
  readonly want: number | null;
  readonly waiting: Waiting;
  readonly mode: Mode;
  readonly panicSinceMs: number | null;
  readonly routing: Routing;
  /** Why; made only when it is told. Empty under algorithm 1. */
  readonly routingWhy: () => string;
  /** Never empty; the last one had the last say. */
  readonly path: readonly Moved[];
  /** Pods wanted before bounds and gates; null when nothing valid was ever seen. */
  readonly desired: number | null;
  readonly excessBurstCapacity: number;
  readonly activators: number;
  readonly inputs: DecisionInputs;
  readonly policy: Policy;
  readonly policyId: string;
  readonly atMs: number;
  readonly memory: Memory;
}
