/** What is known of a trace at a glance. */
import type { Phase } from '../phases.ts';

/** What kind of story a trace tells: by the most telling of its spans. */
export type TraceKind = 'cold start' | 'decision' | 'request' | 'other';

export interface PhaseTime {
  readonly phase: Phase;
  /** UTC milliseconds, fractions allowed. */
  readonly startMs: number;
  readonly durationMs: number;
}

export interface TraceSummary {
  /** 32 hex digits. */
  readonly traceId: string;
  readonly kind: TraceKind;
  /** `namespace/name`: of its request, else the first that is named; null when none is. */
  readonly workload: string | null;
  /** All that its spans name, those of its request first. */
  readonly workloads: readonly string[];
  /** UTC milliseconds, fractions allowed: that of its first span; of a cold start its request's. */
  readonly startMs: number;
  /** From the first start to the last end; of a cold start as long as its request took. */
  readonly durationMs: number;
  /** How many spans are kept. */
  readonly spans: number;
  /** Spans of it that were not kept: it had too many. */
  readonly dropped: number;
  /** The first error, in the order of the spans; null when all went well. */
  readonly error: string | null;
  /** The name of its request, else of its first span. */
  readonly name: string;
  /** Of its request, in their order; of each the first that was told. Empty when there are none. */
  readonly phases: readonly PhaseTime[];
}
