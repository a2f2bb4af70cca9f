/** What is said of a workload that the log does not know. */
import type { WorkloadKey } from '@flyball/contracts';
import { foreignClassNotices, knownWorkloads, nearestTo, type Reader } from '@flyball/reading';
import type { Terminal } from './terminal.ts';

/** How a workload comes under this Flyball; where only the log is known, it may be on a cluster. */
export const addingHint = ({ platform }: Reader): string =>
  platform === undefined
    ? 'A Deployment that is annotated `flyball.dev/enabled: "true"` comes by itself.'
    : '`flyball apply -f FILE` adds some.';

/** Says that it is not Flyball's to scale, or unknown, and then which names come nearest. */
export const sayUnknown = async (
  terminal: Terminal,
  reader: Reader,
  workload: WorkloadKey,
): Promise<void> => {
  const foreign = await foreignClassNotices(reader, workload);
  for (const notice of foreign) terminal.note(notice, 'yellow');
  if (foreign.length > 0) return;
  const known = await knownWorkloads(reader);
  const hint =
    known.length === 0
      ? `There is none yet. ${addingHint(reader)}`
      : `Did you mean ${nearestTo(workload, known).join(', ')}? \`flyball get\` lists all.`;
  terminal.note(`No workload ${workload} is recorded here. ${hint}`, 'red');
  if (reader.platform !== undefined) return;
  const unseen = 'Whether there is one that Flyball leaves alone, the log cannot tell.';
  terminal.note(unseen, 'yellow');
};
