/** Makes a run smaller: fewer faults, fewer workloads, an earlier end of the faults. */
import type { Fault, Plan, ScriptAct, WorkloadPlan } from './plan.ts';

/** What is left of a run; what is not named is left whole. */
export interface Cut {
  /** Numbers of the faults that are kept, counted from 0. */
  readonly faults?: readonly number[];
  /** Workloads that are kept. */
  readonly workloads?: readonly string[];
  /** The faults end by then, and the story too. */
  readonly calmAtMs?: number;
}

const isAbout = (workloads: readonly string[] | undefined, it: Fault | ScriptAct): boolean =>
  workloads === undefined || !('workload' in it) || workloads.includes(it.workload);

const endedBy = (calmAtMs: number, plan: WorkloadPlan): WorkloadPlan => {
  const last = plan.phases.at(-1);
  const before = plan.phases.filter(({ atMs }) => atMs < calmAtMs);
  return { ...plan, phases: last === undefined ? [] : [...before, { ...last, atMs: calmAtMs }] };
};

/** A fault that lasts must be over when all is to be calm: `heal` sees to that. */
export const cutPlan = (plan: Plan, cut: Cut): Plan => {
  const { faults, workloads, calmAtMs = plan.calmAtMs } = cut;
  const isEarly = ({ atMs }: { readonly atMs: number }) => atMs < calmAtMs;
  const isKept = (it: Fault | ScriptAct) => isEarly(it) && isAbout(workloads, it);
  return {
    ...plan,
    faults: plan.faults.filter((_, number) => faults?.includes(number) ?? true).filter(isKept),
    script: plan.script.filter(isKept),
    workloads: plan.workloads
      .filter(({ workload }) => workloads?.includes(workload) ?? true)
      .map((one) => (calmAtMs === plan.calmAtMs ? one : endedBy(calmAtMs, one))),
    calmAtMs,
    endAtMs: plan.endAtMs - (plan.calmAtMs - calmAtMs),
  };
};

/** The command that runs a seed again, cut like this. */
export const commandOf = (seed: number, { faults, workloads, calmAtMs }: Cut): string =>
  [
    `npm run sim -- --seeds 1 --from ${seed}`,
    ...(faults === undefined ? [] : [`--faults "${faults.join(',')}"`]),
    ...(workloads === undefined ? [] : [`--workloads ${workloads.join(',')}`]),
    ...(calmAtMs === undefined ? [] : [`--calm-at ${calmAtMs}`]),
  ].join(' ');
