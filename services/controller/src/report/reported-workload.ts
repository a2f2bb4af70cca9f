/** What is reported of a workload. */
import type { Mode, Routing } from '@flyball/contracts';

export interface ReportedDecision {
  readonly id: string;
  readonly to: number;
  readonly mode: Mode;
  readonly panicSinceMs: number | null;
  readonly routing: Routing;
  readonly reason: string;
  readonly atMs: number;
}

export interface ReportedWorkload {
  readonly uid: string;
  /** Null before the first. */
  readonly decision: ReportedDecision | null;
  /** Why its settings, or its scale, are not taken; null while they are. */
  readonly refused: string | null;
  readonly failed: string | null;
}
