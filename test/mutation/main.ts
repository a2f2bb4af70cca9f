/** `npm run mutations`: breaks each rule once in a copy, and prints which test noticed. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { exit, note, out, runCommand } from '../command/run-command.ts';
import { checkMutations, UnbrokenFails } from './check-mutations.ts';
import { mutationGroups } from './groups/index.ts';
import type { MutationGroup } from './mutation.ts';
import { findingsReport, progressLine } from './report.ts';

const root = resolve(import.meta.dirname, '..', '..');
const jobsMax = 16;

const usage = `npm run mutations -- [options]
Breaks one thing at a time in a copy of the repository, runs the tests that should notice, and
prints for each which test did. Ends with 1 when one was not noticed.
  --only NAME   only the group NAME, or what breaks NAME (a rule, a fix, an event …), or the
                mutations with NAME in their own name; may be given several times
  --list        lists groups and mutations, and runs nothing
  --jobs N      copies that are tried at the same time (${availableParallelism()}: the cores)
`;

const options = {
  only: { type: 'string', multiple: true },
  list: { type: 'boolean', default: false },
  jobs: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** The groups with only what was asked for. */
const chosen = (only: readonly string[]): readonly MutationGroup[] => {
  if (only.length === 0) return mutationGroups;
  for (const name of only) {
    const known = mutationGroups.some(
      (group) => group.name === name || group.mutations.some((each) => isNamed(each, name)),
    );
    if (!known) throw new TypeError(`--only ${name}: nothing has that name; --list shows all`);
  }
  return mutationGroups
    .map((group) => ({
      ...group,
      mutations: group.mutations.filter((mutation) =>
        only.some((name) => name === group.name || isNamed(mutation, name)),
      ),
    }))
    .filter(({ mutations }) => mutations.length > 0);
};

const isNamed = (
  { name, breaks }: { readonly name: string; readonly breaks: string },
  wanted: string,
): boolean => breaks === wanted || name.includes(wanted);

const readArguments = () => {
  const { values } = parseArgs({ options });
  const jobs = Number(values.jobs ?? Math.min(availableParallelism(), jobsMax));
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > jobsMax) {
    throw new TypeError(`--jobs is ${values.jobs}; it must be from 1 to ${jobsMax}`);
  }
  return { ...values, jobs, groups: chosen(values.only ?? []) };
};

const list = (groups: readonly MutationGroup[]): void => {
  for (const { name, about, mutations } of groups) {
    out(`${name}: ${about}`);
    for (const mutation of mutations) out(`  ${mutation.breaks}: ${mutation.name}`);
  }
};

const run = async (
  { groups, jobs, ...given }: ReturnType<typeof readArguments>,
  signal: AbortSignal,
): Promise<number> => {
  if (given.list) {
    list(groups);
    return exit.ok;
  }
  const all = groups.reduce((sum, { mutations }) => sum + mutations.length, 0);
  let done = 0;
  try {
    const findings = await checkMutations(groups, {
      root,
      env: process.env,
      signal,
      jobs,
      found: (finding) => {
        done += 1;
        out(progressLine(finding, { done, all }));
      },
    });
    out(findingsReport(groups, findings));
    return findings.every(({ caughtBy }) => caughtBy !== undefined) ? exit.ok : exit.failed;
  } catch (error) {
    if (!(error instanceof UnbrokenFails)) throw error;
    note(error.message);
    return exit.failed;
  }
};

await runCommand({ usage, read: readArguments, run });
