/** `replay state`: what the decider knew of a workload at a moment, as JSON. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import { dateAndTime, isRecorded, type Reader, readStateAt } from '@flyball/reading';
import { type Context, exitCode } from '../context.ts';
import { sayUnknown } from '../output/unknown-workload.ts';
import type { SourceOptions } from '../reading/log-source.ts';
import { withReader } from '../reading/reader.ts';

export interface ReplayStateOptions extends SourceOptions {
  readonly workload: WorkloadKey;
  /** UTC ms. */
  readonly atMs: number;
}

/** Prints the state that `reader` gives; resolves with the exit code. */
export const showStateAt = async (
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
  reader: Reader,
  { workload, atMs }: ReplayStateOptions,
): Promise<number> => {
  if (!(await isRecorded(reader, workload))) {
    await sayUnknown(terminal, reader, workload);
    return exitCode.no;
  }
  const found = await readStateAt(reader, workload, { atMs, signal });
  if (found.workload === undefined) {
    const at = dateAndTime(atMs, reader.clock.nowMs());
    const when = `\`flyball history ${workload}\` says when it was`;
    terminal.note(`${workload} was not under Flyball at ${at}: ${when}.`);
    return exitCode.no;
  }
  const { throughSeq, state } = found;
  const told = { ...workloadName(workload), atMs, throughSeq, tickAtMs: state.tick.atMs };
  terminal.line(JSON.stringify({ ...told, state: found.workload }, undefined, 2));
  return exitCode.ok;
};

/** `flyball replay state NS/NAME --at T`. */
export const replayState = (context: Context, options: ReplayStateOptions): Promise<number> =>
  withReader(context, options, (reader) => showStateAt(context, reader, options));
