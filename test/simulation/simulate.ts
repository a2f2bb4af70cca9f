/** Runs a plan to its end, and lets the judges look at what it left. */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { heal } from './faults/heal.ts';
import { strikeAll } from './faults/strike.ts';
import { differencesOf, type Outcome, outcomeOf } from './judges/convergence.ts';
import { evidenceOf } from './judges/evidence.ts';
import { judgeAll } from './judges/judges.ts';
import { type Plan, type ScriptAct, undisturbed } from './plan.ts';
import type { Process } from './world/process.ts';
import { World } from './world/world.ts';

export interface Ran {
  readonly world: World;
  /** SHA-256 over everything that was stored, byte for byte, and over the writes to the platform. */
  readonly digest: string;
  readonly virtualMs: number;
}

export interface RunOptions {
  readonly logger?: (process: Process) => Logger;
}

const act = (world: World, step: ScriptAct): void => {
  const { platform } = world.pods;
  if (step.kind === 'configure') platform.configure(step.config);
  else if (step.kind === 'delete') platform.delete(step.workload);
  else {
    const { workload, annotations, replicas, containerConcurrency } = step;
    const spec = { workload, annotations, replicas, containerConcurrency };
    platform.apply({ ...spec, timeoutSeconds: 300, reachable: true });
  }
};

const digestOf = ({ observer }: World): string => {
  const hash = createHash('sha256');
  for (const { stream, seq, subject, body } of observer.messages) {
    hash.update(`${stream} ${seq} ${subject} ${body}\n`);
  }
  for (const write of observer.writes) hash.update(`${JSON.stringify(write)}\n`);
  return hash.digest('hex');
};

/** Runs a plan; the same plan always leaves the same. */
export const run = async (plan: Plan, options: RunOptions = {}): Promise<Ran> => {
  const world = new World(plan, options);
  const { time } = world;
  for (const step of plan.script) time.after(step.atMs, () => act(world, step));
  strikeAll(world, plan.faults);
  time.after(plan.calmAtMs, () => heal(world));
  await time.run(plan.endAtMs, () => world.bugs.length > 0);
  return { world, digest: digestOf(world), virtualMs: time.nowMs };
};

export interface Verdict {
  readonly plan: Plan;
  readonly ran: Ran;
  /** Nothing: all is well. */
  readonly wrong: readonly string[];
}

/** Runs a plan and judges it: while faults are on, and by what it has become after them. */
export const judgePlan = async (plan: Plan, options: RunOptions = {}): Promise<Verdict> => {
  const ran = await run(plan, options);
  const { world } = ran;
  const bugs = world.bugs.map((bug) => `a process ended by a bug: ${bug}`);
  if (bugs.length > 0) return { plan, ran, wrong: bugs };
  const unsafe = judgeAll(evidenceOf(plan, world.observer));
  const reference: Outcome = outcomeOf((await run(undisturbed(plan))).world);
  const astray = differencesOf(outcomeOf(world), reference);
  return { plan, ran, wrong: [...unsafe, ...astray.map((one) => `convergence: ${one}`)] };
};
