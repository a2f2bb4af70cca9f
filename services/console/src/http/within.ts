/** An answer that takes too long is not waited for any more: whoever asks is told so. */
import { OutsideError } from '@flyball/contracts';
import type { Clock } from '@flyball/service';

/**
 * What `work` gives, or rejects with; rejects with NATS_TIMEOUT where that takes longer. The work
 * has a limit of its own, and goes on until then: what it reads of a track that is kept is there
 * for whoever asks again.
 */
export const within = async <Found>(
  clock: Pick<Clock, 'after'>,
  limitMs: number,
  work: Promise<Found>,
): Promise<Found> => {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(limitMs, () => {
      const message = `Reading the log takes longer than ${limitMs / 1_000} s: ask again later.`;
      reject(new OutsideError('NATS_TIMEOUT', message, { retriable: true }));
    });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
};
