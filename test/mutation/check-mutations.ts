/** Breaks each thing once, several copies at a time, and hears which test notices. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Mutation, type MutationGroup, mutated } from './mutation.ts';
import { type Failure, type RunOptions, runTests } from './run-tests.ts';
import { makeScratchCopies } from './scratch-copy.ts';

export interface Finding {
  readonly group: MutationGroup;
  readonly mutation: Mutation;
  /** undefined: no test noticed. */
  readonly caughtBy: Failure | undefined;
  readonly tookMs: number;
}

/** Thrown when the tests fail although nothing was broken: then no finding would mean anything. */
export class UnbrokenFails extends Error {
  constructor(group: string, { file, test }: Failure) {
    super(`${group}: ${file} fails although nothing was broken: ${test}`);
    this.name = 'UnbrokenFails';
  }
}

export interface CheckOptions {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Copies that are broken at the same time. */
  readonly jobs: number;
  readonly found: (finding: Finding) => void;
}

const firstFailure = async (
  { runs }: MutationGroup,
  options: RunOptions,
): Promise<Failure | undefined> => {
  for (const run of runs) {
    const { failure } = await runTests(run, options);
    if (failure !== undefined) return failure;
  }
  return undefined;
};

/** The tests must run, and pass, before anything is broken. */
const expectUnbroken = async (group: MutationGroup, options: RunOptions): Promise<void> => {
  for (const run of group.runs) {
    const { failure, testsPassed } = await runTests(run, options);
    if (failure !== undefined) throw new UnbrokenFails(group.name, failure);
    if (testsPassed === 0) {
      const test = 'no test was run';
      throw new UnbrokenFails(group.name, { file: run.files.join(' '), test });
    }
  }
};

const tryMutation = async (
  group: MutationGroup,
  mutation: Mutation,
  options: RunOptions,
): Promise<Finding> => {
  const file = join(options.root, mutation.file);
  const whole = await readFile(file, 'utf8');
  const startMs = performance.now();
  await writeFile(file, mutated(mutation, whole));
  try {
    const caughtBy = await firstFailure(group, options);
    return { group, mutation, caughtBy, tookMs: performance.now() - startMs };
  } finally {
    await writeFile(file, whole);
  }
};

type Task = (options: RunOptions) => Promise<void>;

/** Each copy takes the next task when it has done its last; at the first error all of them end. */
const shareOut = async (
  tasks: readonly Task[],
  { roots, env, signal }: Pick<CheckOptions, 'env' | 'signal'> & { roots: readonly string[] },
): Promise<void> => {
  const stopped = new AbortController();
  const either = AbortSignal.any([signal, stopped.signal]);
  const waiting = [...tasks];
  const errors: unknown[] = [];
  const work = async (root: string): Promise<void> => {
    try {
      for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
        either.throwIfAborted();
        await task({ root, env, signal: either });
      }
    } catch (error) {
      errors.push(error);
      stopped.abort();
    }
  };
  // Waits for those that are being ended too: until then they use their folders.
  await Promise.all(roots.map(work));
  if (errors.length > 0) throw errors[0];
};

/** Tries every mutation of the groups; `found` hears each as it is known, in no certain order. */
export const checkMutations = async (
  groups: readonly MutationGroup[],
  { root, env, signal, jobs, found }: CheckOptions,
): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  await using copies = await makeScratchCopies(root, jobs);
  const { roots } = copies;
  const unbroken = groups.map(
    (group): Task =>
      (options) =>
        expectUnbroken(group, options),
  );
  await shareOut(unbroken, { roots, env, signal });
  const tasks = groups.flatMap((group) =>
    group.mutations.map(
      (mutation): Task =>
        async (options) => {
          const finding = await tryMutation(group, mutation, options);
          findings.push(finding);
          found(finding);
        },
    ),
  );
  await shareOut(tasks, { roots, env, signal });
  return findings;
};
