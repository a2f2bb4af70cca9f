/** The loops of one partition: they begin together, and when one fails all begin again. */
import type { Tenure } from '@flyball/service';
import type { ControllerParts, PartitionLoop } from './loop.ts';

/** Resolves when the signal aborted and all have ended; rejects with what the first failed on. */
export const runLoops = async (
  loops: readonly PartitionLoop[],
  { partition, tenure }: { readonly partition: number; readonly tenure: Tenure },
  parts: ControllerParts,
): Promise<void> => {
  const failed = new AbortController();
  const signal = AbortSignal.any([tenure.signal, failed.signal]);
  const running = loops.map((loop) =>
    loop.run(partition, { signal, ownership: tenure.ownership }, parts),
  );
  try {
    await Promise.all(running);
  } finally {
    failed.abort();
    await Promise.allSettled(running);
  }
};
