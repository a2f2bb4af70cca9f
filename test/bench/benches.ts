/** The table of all benchmarks: what each is about, and how it is run. */
import { runActivatorBench } from './activator/index.ts';
import type { BenchContext } from './bench-context.ts';
import { runDecideBench } from './decide/index.ts';
import { runGrowthBench } from './growth/index.ts';
import { runKubernetesBench } from './kubernetes/index.ts';
import { runPipelineBench } from './pipeline/index.ts';
import { runRecoveryBench } from './recovery/index.ts';
import type { Measured } from './report/figure.ts';
import { runScaleBench } from './scale/index.ts';
import { runTelemetryBench } from './telemetry/index.ts';

export interface BenchOptions {
  /** pipeline: workloads of the idle figures. */
  readonly idleWorkloads: number;
  /** pipeline: one bed only. */
  readonly only?: string | undefined;
  /** activator, decide, growth and telemetry. */
  readonly rounds: number;
  /** activator: build Knative's chain where it is missing. */
  readonly knative: boolean;
  /** kubernetes: where Knative's own harness is. */
  readonly knativeHarness: string | undefined;
  /** scale: how many workloads, one after the other. */
  readonly sizes: readonly number[];
}

export interface BenchResults {
  readonly measured: readonly Measured[];
  /** CPU seconds by part, by what they were measured in. */
  readonly processorSeconds?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What a reader must know of all of it, one line each. */
  readonly notes?: readonly string[];
}

interface Bench {
  /** One line for people. */
  readonly about: string;
  run(context: BenchContext, options: BenchOptions): Promise<BenchResults>;
}

/** The pipeline has this long, all in all; what comes later is not measured. */
const pipelineLimitMs = 300_000;

const limited = (context: BenchContext, limitMs: number): BenchContext => ({
  ...context,
  signal: AbortSignal.any([context.signal, AbortSignal.timeout(limitMs)]),
});

export const benchNames = [
  'pipeline',
  'activator',
  'decide',
  'growth',
  'recovery',
  'scale',
  'kubernetes',
  'telemetry',
] as const;
export type BenchName = (typeof benchNames)[number];

export const isBenchName = (name: string): name is BenchName =>
  benchNames.some((known) => known === name);

export const benches: Readonly<Record<BenchName, Bench>> = {
  pipeline: {
    about: 'from the first request to the scale, every service a process',
    run: (context, { idleWorkloads, only }) =>
      runPipelineBench(limited(context, pipelineLimitMs), { idleWorkloads, only }),
  },
  activator: {
    about: 'what a request costs, beside well-known proxies',
    run: (context, { rounds, knative }) => runActivatorBench({ ...context, rounds, knative }),
  },
  decide: {
    about: 'the pure stages on one thread, and a day decided again',
    run: async (context, { rounds }) => ({ measured: await runDecideBench(context, { rounds }) }),
  },
  growth: {
    about: 'how cost grows with workloads, pods and the length of history',
    run: async (context, { rounds }) => ({ measured: await runGrowthBench(context, { rounds }) }),
  },
  recovery: {
    about: 'kill → next tick and decision, refold with a snapshot and without, replay (8 minutes)',
    run: async (context) => ({ measured: await runRecoveryBench(context) }),
  },
  scale: {
    about: '100, 1,000 and 10,000 workloads with a sample a second each (15 minutes)',
    run: async (context, { sizes }) => ({ measured: await runScaleBench(context, { sizes }) }),
  },
  kubernetes: {
    about: 'the same on a real API server, beside thousands of Deployments (20 minutes; needs Go)',
    run: async (context, { knativeHarness }) => ({
      measured: await runKubernetesBench(context, { knativeHarness }),
    }),
  },
  telemetry: {
    about: 'what tracing costs a request and a decision: off, 1 % and all (6 minutes)',
    run: (context, { rounds }) => runTelemetryBench(context, { rounds }),
  },
};
