/** `import`: what Knative Services, HTTPScaledObjects and HPAs become; by itself no change. */
import type { Complaint } from '@flyball/knative';
import { counted } from '@flyball/reading';
import { withCluster } from '../cluster/open-cluster.ts';
import { type Context, exitCode } from '../context.ts';
import { applySteps, doableSteps } from '../import/apply-steps.ts';
import { isPatchless, patchText } from '../import/as-patches.ts';
import { scriptLines } from '../import/as-script.ts';
import { clusterObjects } from '../import/cluster-objects.ts';
import { readObjects } from '../import/read-objects.ts';
import { translate } from '../import/translate.ts';
import { type Step, shownName, type Translation } from '../import/translation.ts';
import { readGiven } from './read-given.ts';

export interface ImportOptions {
  /** Empty: the cluster's own. */
  readonly file: readonly string[];
  readonly namespace: string;
  readonly allNamespaces: boolean;
  readonly kubeconfig: string;
  readonly apply: boolean;
  readonly output: 'text' | 'yaml' | 'json';
}

interface Found {
  readonly translations: readonly Translation[];
  /** What could not be read, a sentence each. */
  readonly faults: readonly string[];
}

const asFault = ({ file, message }: Complaint): string => `${file}: ${message}`;

const fromFiles = async (
  { input }: Pick<Context, 'input'>,
  { file, namespace }: ImportOptions,
): Promise<Found> => {
  const given = await readGiven(file, input);
  const { objects, faults } = readObjects(
    given.flatMap(({ texts }) => texts),
    namespace,
  );
  const unread = given.flatMap(({ complaints }) => complaints.map(asFault));
  return { translations: translate(objects), faults: [...unread, ...faults] };
};

const fromCluster = ({ namespace, allNamespaces, ...options }: ImportOptions): Promise<Found> =>
  withCluster(options, async (cluster) => {
    const objects = await clusterObjects(cluster, allNamespaces ? '' : namespace);
    return { translations: translate(objects), faults: [] };
  });

const told = (step: Exclude<Step, { action: 'by-hand' }>): string =>
  `${step.action} ${shownName(step.object)}`;

const sayLeft = ({ terminal }: Pick<Context, 'terminal'>, all: readonly Translation[]): void => {
  for (const translation of all) {
    const done = doableSteps(translation).length;
    for (const step of translation.steps.slice(done)) {
      const what = step.action === 'by-hand' ? 'by hand' : told(step);
      terminal.note(`left to you, ${translation.workload}: ${what}: ${step.why}`);
    }
  }
};

const isRefused = ({ refused }: Translation): boolean => refused !== null;

const summaryOf = ({ translations, faults }: Found): string => {
  const taken = translations.filter((one) => !isRefused(one));
  const lost = taken.reduce((sum, { losses }) => sum + losses.length, 0);
  const refused = translations.length - taken.length;
  return [
    `${counted(taken.length, 'workload')} translated`,
    `${counted(lost, 'setting')} without a counterpart`,
    ...(refused === 0 ? [] : [`${refused} not taken over`]),
    ...(faults.length === 0 ? [] : [`${counted(faults.length, 'fault')}`]),
  ].join(', ');
};

/** What the patches leave out is told beside them. */
const sayPatchless = (
  { terminal }: Pick<Context, 'terminal'>,
  all: readonly Translation[],
): void => {
  for (const { workload, steps } of all) {
    for (const step of steps.filter(isPatchless)) {
      const what = step.action === 'by-hand' ? 'by hand' : told(step);
      terminal.note(`not in the patches, ${workload}: ${what}: ${step.why}`);
    }
  }
};

const show = ({ terminal }: Pick<Context, 'terminal'>, found: Found, output: string): void => {
  const { translations } = found;
  if (output === 'yaml') {
    for (const line of patchText(translations).trimEnd().split('\n')) terminal.line(line);
    sayPatchless({ terminal }, translations);
  } else for (const line of scriptLines(translations)) terminal.line(line);
};

const applyFound = async (
  context: Pick<Context, 'terminal'>,
  { translations }: Found,
  { kubeconfig, output }: ImportOptions,
): Promise<readonly string[]> => {
  const applied: string[] = [];
  await withCluster({ kubeconfig }, (cluster) =>
    applySteps(cluster, translations, (step) => {
      applied.push(told(step));
      if (output !== 'json') context.terminal.note(`done: ${told(step)}`);
    }),
  );
  if (output !== 'json') sayLeft(context, translations);
  return applied;
};

/**
 * `flyball import`. Exit code 1 where something could not be read or taken over, or nothing was
 * found. Where something could not be read `--apply` does nothing.
 */
export const importObjects = async (
  context: Pick<Context, 'terminal' | 'input'>,
  options: ImportOptions,
): Promise<number> => {
  const { terminal } = context;
  const found = await (options.file.length > 0
    ? fromFiles(context, options)
    : fromCluster(options));
  const { translations, faults } = found;
  const isUnread = faults.length > 0;
  const ok = !isUnread && translations.length > 0 && !translations.some(isRefused);
  if (options.output !== 'json') show(context, found, options.output);
  const mayApply = options.apply && !isUnread;
  const applied = mayApply ? await applyFound(context, found, options) : [];
  if (options.output === 'json') {
    terminal.line(JSON.stringify({ ok, translations, faults, applied }, undefined, 2));
  } else {
    for (const fault of faults) terminal.note(fault, 'red');
    if (options.apply && isUnread) terminal.note('Nothing was applied.');
    if (translations.length === 0) terminal.note('There is nothing to import.');
    else terminal.note(`${summaryOf(found)}.${options.apply ? '' : ' Nothing was changed.'}`);
  }
  return ok ? exitCode.ok : exitCode.no;
};
