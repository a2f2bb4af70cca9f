/** Why a workload has, or had, this many replicas, as programs read it. */
import type { EventDataByName, Mode, Routing } from '@flyball/contracts';
import type { ExplainedInput, ExplainedRule } from '@flyball/domain';
import type { PresentAnswer } from './present-answer.ts';

/** What `explain -o json` prints. */
export interface Explanation {
  readonly namespace: string;
  readonly name: string;
  /** The moment that is explained, UTC ms. */
  readonly atMs: number;
  /** The decision in force then; null before the first one. */
  readonly decision: {
    readonly id: string;
    readonly atMs: number;
    /** The trace that it is told in, for `flyball trace`. */
    readonly traceId: string | null;
    /** The tick or poke at which it was made. */
    readonly causationId: string | null;
    readonly from: number | null;
    readonly to: number;
    readonly mode: Mode;
    readonly routing: Routing;
    readonly changed: readonly EventDataByName['Decided']['changed'][number][];
    readonly binding: string;
    readonly policyId: string;
    readonly algorithm: number;
    readonly headline: string;
    readonly sentence: string;
    /** Why the activator is in the path, or is not; empty where it was not recorded. */
    readonly routingReason: string;
    readonly inputs: readonly ExplainedInput[];
    readonly rules: readonly ExplainedRule[];
  } | null;
  /** What the rules answer now, and so why it has not moved since; null when nothing is decided. */
  readonly since: PresentAnswer | null;
  readonly sentence: string;
}
