/** The tests that should notice a broken decider: its own, the golden stories, its laws. */
import type { TestRun } from '../mutation.ts';

const decider = 'libs/domain/src/decider';
/** Many ticks each: last, because the others notice most in a second. */
const long = [`${decider}/**/*.property.test.ts`, `${decider}/constant-load.test.ts`];

export const deciderRuns: readonly TestRun[] = [
  { project: 'story', files: [decider], without: long },
  { project: 'traces', files: ['test/traces'] },
  { project: 'story', files: long },
];
