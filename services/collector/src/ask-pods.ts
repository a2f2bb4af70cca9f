/** Asks a sample of pods, and others in the place of those that do not answer. */

/** Less time than this is not worth asking one more. */
const leastMs = 50;

export interface Asking<Pod, Answer> {
  /** Those to ask first in front; the rest stands by. */
  readonly order: readonly Pod[];
  /** How many have to answer. */
  readonly size: number;
  readonly withinMs: number;
  readonly monotonicMs: () => number;
  /** Undefined: it did not answer. */
  readonly ask: (pod: Pod, withinMs: number) => Promise<Answer | undefined>;
}

/**
 * As many answers as asked for; undefined in the place of one that could not be had in time. One
 * that refuses leaves time to ask another, one that is silent does not.
 */
export const askPods = <Pod, Answer>({
  order,
  size,
  withinMs,
  monotonicMs,
  ask,
}: Asking<Pod, Answer>): Promise<(Answer | undefined)[]> => {
  const endMs = monotonicMs() + withinMs;
  const waiting = order.slice(size);
  const answerOf = async (first: Pod): Promise<Answer | undefined> => {
    let answer = await ask(first, withinMs);
    while (answer === undefined) {
      const leftMs = endMs - monotonicMs();
      const pod = leftMs < leastMs ? undefined : waiting.shift();
      if (pod === undefined) return undefined;
      answer = await ask(pod, leftMs);
    }
    return answer;
  };
  return Promise.all(order.slice(0, size).map(answerOf));
};
