/** Looks for a smaller run that fails in the same way. */
import { type Cut, cutPlan } from './cut-plan.ts';
import type { Plan } from './plan.ts';
import { judgePlan } from './simulate.ts';

/** Runs that are tried at most. */
const triesMax = 60;
const earliestCalmMs = 2_000;

/** `ids are unique` of `ids are unique: …`. */
const judgeOf = (wrong: string): string => wrong.split(':')[0] ?? '';

/** One step smaller, in the order in which they are tried. */
function* smaller(plan: Plan, cut: Cut): Generator<Cut> {
  const { workloads = plan.workloads.map(({ workload }) => workload) } = cut;
  const { faults = plan.faults.map((_, number) => number), calmAtMs = plan.calmAtMs } = cut;
  for (const gone of workloads) {
    if (workloads.length > 1) yield { ...cut, workloads: workloads.filter((one) => one !== gone) };
  }
  for (const gone of faults) yield { ...cut, faults: faults.filter((one) => one !== gone) };
  const earlierMs = Math.round((calmAtMs * 0.75) / 100) * 100;
  if (earlierMs >= earliestCalmMs) yield { ...cut, calmAtMs: earlierMs };
}

/** The smallest cut that was found, by dropping one thing after another. */
export const shrink = async (plan: Plan, wrong: readonly string[]): Promise<Cut> => {
  const known = new Set(wrong.map(judgeOf));
  let tries = 0;
  const stillFails = async (cut: Cut): Promise<boolean> => {
    tries += 1;
    const verdict = await judgePlan(cutPlan(plan, cut));
    return verdict.wrong.some((one) => known.has(judgeOf(one)));
  };
  let smallest: Cut = {};
  for (let shrunk = true; shrunk && tries < triesMax; ) {
    shrunk = false;
    for (const cut of smaller(plan, smallest)) {
      if (tries >= triesMax) break;
      if (!(await stillFails(cut))) continue;
      smallest = cut;
      shrunk = true;
      break;
    }
  }
  return smallest;
};
