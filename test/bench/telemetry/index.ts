/** The benchmark of telemetry: what tracing costs a request, and what it costs a decision. */
import type { BenchContext } from '../bench-context.ts';
import { openLedger, runPhase } from '../pipeline/phase.ts';
import type { Measured } from '../report/figure.ts';
import { decisionLatency } from './decision-latency.ts';
import { figures } from './figures.ts';
import { hookCost } from './hook-cost.ts';
import { requestCost } from './request-cost.ts';

export interface TelemetryBenchOptions {
  /** Rounds in which every variant is visited once. */
  readonly rounds: number;
}

export interface TelemetryResults {
  readonly measured: readonly Measured[];
  /** How it was measured, one line each. */
  readonly notes: readonly string[];
}

/** Measures them one after the other; never rejects for what could not be measured. */
export const runTelemetryBench = async (
  context: BenchContext,
  { rounds }: TelemetryBenchOptions,
): Promise<TelemetryResults> => {
  const notes: string[] = [];
  const note = (line: string): void => void notes.push(line);
  const ledger = openLedger(Object.values(figures));
  await runPhase(requestCost(context, { rounds, note }), ledger, context);
  await runPhase(hookCost(context, rounds), ledger, context);
  await runPhase(decisionLatency(context), ledger, context);
  return { measured: ledger.measured(), notes };
};
