/** The benchmark of the pipeline: every service a process, NATS and Redis real. */
import type { BenchContext } from '../bench-context.ts';
import type { Measured } from '../report/figure.ts';
import { type Bed, withBed, withOneProcess } from './bed.ts';
import { burst } from './burst.ts';
import { coldStarts } from './cold-starts.ts';
import { fiftyFromZero } from './fifty-from-zero.ts';
import { figures } from './figures.ts';
import { herdOf100, herdOf500 } from './herd.ts';
import { idle } from './idle.ts';
import { openLedger, type Phase, runPhase } from './phase.ts';
import { pokes } from './pokes.ts';
import { scene } from './scene.ts';

/** Long enough for a hundred scales; then the pods start, and every request is answered. */
const heldBackMs = 6_000;
/** Longer than the bench: these pods never start. */
const neverMs = 600_000;
const podsMax = 3_000;

export interface PipelineOptions {
  /** Workloads of the idle phase. */
  readonly idleWorkloads: number;
  /** Only phases whose bed has this name. */
  readonly only: string | undefined;
}

export interface PipelineResults {
  readonly measured: readonly Measured[];
  readonly processorSeconds: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const oneProcess = 'one-process';

const nodeSettings = (podDelayMs: number) => ({
  'local-node': {
    FLYBALL_POD_DELAY_MS: String(podDelayMs),
    FLYBALL_PODS_MAX: String(podsMax),
  },
});

interface BedPlan {
  readonly name: string;
  readonly podDelayMs: number;
  readonly phases: (bed: Bed) => readonly Phase[];
}

/** Runs every phase, each bed after the other; never rejects for what could not be measured. */
export const runPipelineBench = async (
  context: BenchContext,
  options: PipelineOptions,
): Promise<PipelineResults> => {
  const { idleWorkloads, only } = options;
  const ledger = openLedger(Object.values(figures));
  const processorSeconds: Record<string, Readonly<Record<string, number>>> = {};
  const onUsed = (title: string, seconds: Readonly<Record<string, number>>): void => {
    processorSeconds[title] = seconds;
  };
  const plans: readonly BedPlan[] = [
    {
      name: 'live',
      podDelayMs: 0,
      phases: (bed) => [coldStarts(bed, context), burst(bed), scene(bed, context, { onUsed })],
    },
    {
      name: 'held',
      podDelayMs: neverMs,
      phases: (bed) => [fiftyFromZero(bed), herdOf500(bed), pokes(bed, context)],
    },
    {
      name: 'late',
      podDelayMs: heldBackMs,
      phases: (bed) => [
        idle(bed, context, { workloads: idleWorkloads, figure: figures.idle, onUsed }),
        herdOf100(bed),
      ],
    },
  ];
  for (const { name, podDelayMs, phases } of plans) {
    if (only !== undefined && only !== name) continue;
    context.tell(`Starting everything (pods are held back ${podDelayMs} ms)`);
    await withBed(context, nodeSettings(podDelayMs), async (bed) => {
      for (const phase of phases(bed)) await runPhase(phase, ledger, context);
    });
  }
  if (only === undefined || only === oneProcess) {
    context.tell('Starting all stages in one process');
    const idleOptions = { workloads: idleWorkloads, figure: figures.idleOneProcess, onUsed };
    await withOneProcess(context, (bed) =>
      runPhase(idle(bed, context, idleOptions), ledger, context),
    );
  }
  return { measured: ledger.measured(), processorSeconds };
};
