/** `explain`: why a workload has, or had, this many replicas, and why it does not move now. */
import type { WorkloadKey } from '@flyball/contracts';
import { explainWorkload, isRecorded, type Reader } from '@flyball/reading';
import { type Context, exitCode } from '../context.ts';
import { sayUnknown } from '../output/unknown-workload.ts';
import { type ReadingOptions, withReader } from '../reading/reader.ts';
import { explanationLines } from './explanation-lines.ts';

export interface ExplainOptions extends ReadingOptions {
  readonly workload: WorkloadKey;
  /** UTC ms; now when it is not given. */
  readonly atMs?: number | undefined;
}

/** Prints the explanation that `reader` gives; resolves with the exit code. */
export const showExplanation = async (
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
  reader: Reader,
  { workload, atMs, output }: ExplainOptions,
): Promise<number> => {
  if (!(await isRecorded(reader, workload))) {
    await sayUnknown(terminal, reader, workload);
    return exitCode.no;
  }
  const nowMs = reader.clock.nowMs();
  const { explanation, notices, metric } = await explainWorkload(reader, workload, {
    atMs,
    signal,
  });
  for (const notice of notices) terminal.note(notice, 'yellow');
  if (output === 'json') terminal.line(JSON.stringify(explanation, undefined, 2));
  else {
    const units = { nowMs, metric };
    for (const line of explanationLines(terminal, explanation, units)) terminal.line(line);
  }
  return exitCode.ok;
};

/** `flyball explain NS/NAME`. */
export const explain = (context: Context, options: ExplainOptions): Promise<number> =>
  withReader(context, options, (reader) => showExplanation(context, reader, options));
