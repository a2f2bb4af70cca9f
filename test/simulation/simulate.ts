/** Runs a plan to its end, and lets the judges look at what it left. */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { heal } from './faults/heal.ts';
import { strikeAll } from './faults/strike.ts';
import {
  differencesOf,
  type Outcome,
  outcomeOf,
  releasedIn,
  withStuck,
} from './judges/convergence.ts';
import { evidenceOf } from './judges/evidence.ts';
import { judgeAll } from './judges/judges.ts';
import { notAsDecided } from './judges/rest.ts';
import { type Plan, type ScriptAct, undisturbed } from './plan.ts';
import type { Process } from './world/process.ts';
import { World } from './world/world.ts';

export interface Ran {
  readonly world: World;
  /** SHA-256 over all that was stored, byte for byte, and over the writes to the platform. */
  readonly digest: string;
  readonly virtualMs: number;
  /** Where it had come to when its clients stopped. */
  readonly outcome: Outcome;
  /** What was not as it had been decided then. */
  readonly undone: readonly string[];
}

export interface RunOptions {
  readonly logger?: (process: Process) => Logger;
  /** The end that it should come to: it is over when it has been there for a while. */
  readonly goal?: Outcome;
}

/** A run rests at its goal when it was found there so often in a row, a second apart. */
const restingChecks = 6;
const checkEveryMs = 1_000;
/** Then its clients stop, and what was held is told to its end. */
const endingMs = 3_000;

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

/** True once the run, all faults over, has stayed at its goal; false while there is no goal. */
const watchGoal = (world: World, { goal }: RunOptions): (() => boolean) => {
  let found = 0;
  // Who is stuck shows only when nobody asks any more.
  const resting =
    goal && new Map([...goal].map(([workload, one]) => [workload, { ...one, isStuck: false }]));
  const check = (): void => {
    world.time.after(checkEveryMs, check);
    const isThere =
      resting !== undefined &&
      differencesOf(outcomeOf(world), resting).length === 0 &&
      notAsDecided(world).length === 0;
    found = isThere ? found + 1 : 0;
  };
  world.time.after(world.plan.calmAtMs + checkEveryMs, check);
  return () => found >= restingChecks;
};

/** Runs a plan; the same plan with the same goal always leaves the same. */
export const run = async (plan: Plan, options: RunOptions = {}): Promise<Ran> => {
  const world = new World(plan, options);
  const { time } = world;
  for (const step of plan.script) time.after(step.atMs, () => act(world, step));
  strikeAll(world, plan.faults);
  time.after(plan.calmAtMs, () => heal(world));
  const isAtGoal = watchGoal(world, options);
  const isBroken = (): boolean => world.bugs.length > 0;
  await time.run(plan.endAtMs, () => isBroken() || isAtGoal());
  const outcome = outcomeOf(world);
  const undone = notAsDecided(world);
  const released = releasedIn(world);
  world.clients.stop();
  await time.run(time.nowMs + endingMs, isBroken);
  const ended = withStuck(outcome, world, released);
  return { world, digest: digestOf(world), virtualMs: time.nowMs, outcome: ended, undone };
};

export interface Verdict {
  readonly plan: Plan;
  readonly ran: Ran;
  /** How the undisturbed run ended. */
  readonly goal: Outcome;
  /** Nothing: all is well. */
  readonly wrong: readonly string[];
}

/** Runs a plan and judges it: while faults are on, and by what it has become after them. */
export const judgePlan = async (plan: Plan, options: RunOptions = {}): Promise<Verdict> => {
  const goal = (await run(undisturbed(plan))).outcome;
  const ran = await run(plan, { ...options, goal });
  const { world } = ran;
  const bugs = world.bugs.map((bug) => `a process ended by a bug: ${bug}`);
  if (bugs.length > 0) return { plan, ran, goal, wrong: bugs };
  const unsafe = judgeAll(evidenceOf(plan, world.observer));
  const astray = differencesOf(ran.outcome, goal).map((one) => `convergence: ${one}`);
  const undone = ran.undone.map((one) => `at rest as decided: ${one}`);
  return { plan, ran, goal, wrong: [...unsafe, ...astray, ...undone] };
};
