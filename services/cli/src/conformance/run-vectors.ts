/** Runs what was read of a directory, case by case, and counts. */
import { setImmediate } from 'node:timers/promises';
import type { Difference } from './difference.ts';
import type { ReadVector, VectorFile, VectorLine } from './read-vectors.ts';
import { runLifecycle } from './run-lifecycle.ts';
import { runScale } from './run-scale.ts';
import { runAnnotations, runConfig, runResolve } from './run-settings.ts';

/** A case that did not pass. */
export interface Failure {
  readonly file: string;
  /** The case's name, or the line of one that has none. */
  readonly case: string;
  /** What is wrong with the text of the case; null when it could be run. */
  readonly malformed: string | null;
  readonly differences: readonly Difference[];
}

export interface FileOutcome {
  readonly file: string;
  readonly passed: number;
  readonly failures: readonly Failure[];
}

/** The differences of one case; none when it passes. */
export const runVector = (read: ReadVector): Difference[] => {
  switch (read.kind) {
    case 'scale':
      return runScale(read.vector);
    case 'resolve':
      return runResolve(read.vector);
    case 'config':
      return runConfig(read.vector);
    case 'annotations':
      return runAnnotations(read.vector);
    case 'lifecycle':
      return runLifecycle(read.vector);
  }
};

const failureOf = (file: string, line: VectorLine): Failure | undefined => {
  const place = { file, case: line.name };
  if ('malformed' in line) return { ...place, malformed: line.malformed, differences: [] };
  const differences = runVector(line.read);
  return differences.length === 0 ? undefined : { ...place, malformed: null, differences };
};

/**
 * Runs every case of a file. `onCase` is called before each with the number of those done; between
 * them others may run, and an aborted signal ends it.
 */
export const runFile = async (
  { file, lines }: VectorFile,
  { signal, onCase }: { readonly signal: AbortSignal; readonly onCase: (done: number) => void },
): Promise<FileOutcome> => {
  const failures: Failure[] = [];
  let done = 0;
  for (const line of lines) {
    if (signal.aborted) break;
    onCase(done);
    const failure = failureOf(file, line);
    if (failure !== undefined) failures.push(failure);
    done += 1;
    await setImmediate();
  }
  return { file, passed: done - failures.length, failures };
};
