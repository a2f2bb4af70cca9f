/** `conformance`: runs vectors of Knative's answers through our stages, and tells differences. */
import { resolve } from 'node:path';
import type { Difference } from '../conformance/difference.ts';
import { readVectors, type VectorFile, vectorFileNames } from '../conformance/read-vectors.ts';
import { type Failure, type FileOutcome, runFile } from '../conformance/run-vectors.ts';
import { type Context, exitCode } from '../context.ts';
import { columnLines } from '../output/columns.ts';
import { openLiveArea } from '../output/live-area.ts';
import type { Terminal } from '../output/terminal.ts';

export interface ConformanceOptions {
  readonly directory: string;
  readonly output: 'text' | 'json';
}

/** More differences of one case are only counted. */
export const shownDifferencesMax = 10;
/** A person sees progress after so many cases. */
const progressEveryCases = 20;
/** Answers longer than this are cut where people read them. */
const shownCharactersMax = 60;

const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  // Only what JSON cannot hold is said in its own words.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
};

const differenceLine = (terminal: Terminal, difference: Difference): string => {
  const { tick, field, expected, got } = difference;
  const place = tick === null ? '' : `tick ${tick} `;
  const wanted = terminal.styled('green', shown(expected));
  return `    ${place}${field}: expected ${wanted}, got ${terminal.styled('red', shown(got))}`;
};

const sayFailure = (terminal: Terminal, failure: Failure): void => {
  const { file, differences, malformed } = failure;
  terminal.line(`${terminal.styled('red', '✗')} ${file}: ${failure.case}`);
  if (malformed !== null) {
    terminal.line(
      `    This is not a vector that can be run: ${malformed.replaceAll('\n', '\n    ')}`,
    );
  }
  for (const difference of differences.slice(0, shownDifferencesMax)) {
    terminal.line(differenceLine(terminal, difference));
  }
  const more = differences.length - shownDifferencesMax;
  if (more > 0) terminal.line(`    … and ${more} more`);
};

interface Totals {
  readonly passed: number;
  readonly failed: number;
}

const totalsOf = (outcomes: readonly FileOutcome[]): Totals => ({
  passed: outcomes.reduce((total, { passed }) => total + passed, 0),
  failed: outcomes.reduce((total, { failures }) => total + failures.length, 0),
});

const sayOutcomes = (terminal: Terminal, outcomes: readonly FileOutcome[]): void => {
  for (const { failures } of outcomes) {
    for (const failure of failures) sayFailure(terminal, failure);
  }
  const rows = outcomes.map(({ file, passed, failures }) => {
    const mark =
      failures.length === 0 ? terminal.styled('green', '✓') : terminal.styled('red', '✗');
    return [`${mark} ${file}`, `${passed} passed`, `${failures.length} failed`];
  });
  for (const line of columnLines(rows)) terminal.line(line);
};

/** What JSON cannot hold is written as text, as the vectors do. */
const plain = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : (value ?? null);

const jsonOf = (outcomes: readonly FileOutcome[], totals: Totals): string =>
  JSON.stringify(
    {
      ok: totals.failed === 0,
      ...totals,
      files: outcomes.map(({ file, passed, failures }) => ({
        file,
        passed,
        failed: failures.length,
      })),
      failures: outcomes.flatMap(({ failures }) =>
        failures.map((failure) => ({
          ...failure,
          differences: failure.differences.map(({ got = null, ...rest }) => ({ ...rest, got })),
        })),
      ),
    },
    plain,
    2,
  );

/** Shows what is being run, where a person looks. */
const openProgress = (terminal: Terminal, isShown: boolean) => {
  const area = isShown && terminal.isInteractive ? openLiveArea() : undefined;
  return {
    at: ({ file, lines }: VectorFile, done: number): void => {
      if (done % progressEveryCases !== 0) return;
      area?.draw([`${file}: case ${done + 1} of ${lines.length}`]);
    },
    done: (): void => {
      area?.draw([]);
      area?.done();
    },
  };
};

const runAll = async (
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
  files: readonly VectorFile[],
  isShown: boolean,
): Promise<FileOutcome[]> => {
  const progress = openProgress(terminal, isShown);
  const outcomes: FileOutcome[] = [];
  for (const file of files) {
    if (signal.aborted) break;
    const onCase = (done: number): void => progress.at(file, done);
    outcomes.push(await runFile(file, { signal, onCase }));
  }
  progress.done();
  return outcomes;
};

/** `flyball conformance DIR`. */
export const conformance = async (
  context: Pick<Context, 'terminal' | 'signal'>,
  { directory, output }: ConformanceOptions,
): Promise<number> => {
  const { terminal, signal } = context;
  const files = await readVectors(directory);
  if (files.length === 0) {
    const wanted = vectorFileNames.join(', ');
    terminal.note(`There are no vectors in ${resolve(directory)}. It may have: ${wanted}.`);
    return exitCode.no;
  }
  const outcomes = await runAll(context, files, output === 'text');
  const totals = totalsOf(outcomes);
  if (output === 'json') {
    terminal.line(jsonOf(outcomes, totals));
  } else {
    sayOutcomes(terminal, outcomes);
    if (signal.aborted) terminal.note('Ended before all of them were run.');
    terminal.line(`${totals.passed} passed, ${totals.failed} failed`);
  }
  if (signal.aborted) return exitCode.interrupted;
  return totals.failed === 0 ? exitCode.ok : exitCode.no;
};
