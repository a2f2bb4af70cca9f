/** The test files that a run is about, one by one: a project's own filter cannot leave one out. */
import { globSync } from 'node:fs';
import type { TestRun } from './mutation.ts';

/** Paths from the root, in order; empty when nothing is there. */
export const testFilesOf = ({ files, without = [] }: TestRun, root: string): readonly string[] =>
  globSync(
    files.flatMap((file) => [file, `${file}/**/*.test.ts`]),
    { cwd: root, exclude: [...without] },
  )
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
