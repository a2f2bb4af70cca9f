/** A trace as it is shown: what the console tells of it, or what the log still has. */
import type { TraceAnswer } from './console-answers.ts';

/** What `flyball trace ID -o json` prints. */
export interface ShownTrace extends TraceAnswer {
  /** `console`: its spans are kept there; `log`: they are made again from what is recorded. */
  readonly source: 'console' | 'log';
}
