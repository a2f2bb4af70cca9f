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
  /** Whether it did not answer in time when it was asked last. */
  readonly isSilent: (pod: Pod) => boolean;
  /** Undefined: it did not answer. Never rejects. */
  readonly ask: (pod: Pod, withinMs: number) => Promise<Answer | undefined>;
}

/** Whose answers are waited for, who is only asked, and who stands by: silent ones last. */
const partsOf = <Pod>(order: readonly Pod[], size: number, isSilent: (pod: Pod) => boolean) => {
  const silent = new Set(order.filter(isSilent));
  const expected = [...order.filter((pod) => !silent.has(pod)), ...silent];
  const sample = expected.slice(0, size);
  const beside = new Set(order.slice(0, size).filter((pod) => !sample.includes(pod)));
  return { sample, beside, waiting: expected.slice(size).filter((pod) => !beside.has(pod)) };
};

/**
 * As many answers as asked for; undefined in the place of one that could not be had in time. One
 * that refuses leaves time to ask another, one that is silent does not: one that is known to be is
 * asked beside the sample when it is its turn, and nobody waits for it. Where there are too few
 * others it counts as one of them.
 */
export const askPods = <Pod, Answer>({
  order,
  size,
  withinMs,
  monotonicMs,
  isSilent,
  ask,
}: Asking<Pod, Answer>): Promise<(Answer | undefined)[]> => {
  const endMs = monotonicMs() + withinMs;
  const { sample, beside, waiting } = partsOf(order, size, isSilent);
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
  const answers = Promise.all(sample.map(answerOf));
  // It is heard, and in front again, as soon as it answers.
  for (const pod of beside) void ask(pod, withinMs);
  return answers;
};
