/** How several activators divide each pod's slots, so that together they keep its limit. */

/** A pod that takes requests, as every activator knows it from the log. */
export interface SharedPod {
  readonly id: string;
  readonly appearedAtMs: number;
  /** Null while it is not ready. */
  readonly readyAtMs: number | null;
  /** A queue-proxy keeps its limit, whatever is sent to it. */
  readonly guarded: boolean;
}

export interface Sharing {
  /** Every activator that lives, `self` among them or not, in any order. */
  readonly activators: readonly string[];
  readonly self: string;
  /** Requests one pod may have at once, from all activators together; at least 1. */
  readonly limit: number;
  readonly nowMs: number;
}

export interface Shares {
  /** Slots of each pod that are `self`'s. */
  readonly slots: ReadonlyMap<string, number>;
  /** There are fewer slots than activators, and they take turns at them. */
  readonly inTurns: boolean;
  /** When they change although nothing happens; null: they do not. */
  readonly changesAtMs: number | null;
}

/** A pod that has not been ready for so long is not counted on to become it. */
export const startingMs = 10_000;
/** Where slots are taken in turns: how long a turn lasts. */
export const turnMs = 500;
/** The end of each turn, in which nothing is begun, so that what runs may end before the next. */
export const turnGapMs = 200;

/** Counted on to take requests: it is ready, or has not had the time to become it. */
const isExpected = (pod: SharedPod, nowMs: number): boolean =>
  pod.readyAtMs !== null || nowMs - pod.appearedAtMs < startingMs;

/**
 * Ready ones first, in the order in which they became it, so that a new pod moves nobody's share;
 * last those that are not counted on.
 */
const inOrder = (pods: readonly SharedPod[], nowMs: number): SharedPod[] => {
  const rankOf = (pod: SharedPod): number => {
    if (pod.readyAtMs !== null) return 0;
    return isExpected(pod, nowMs) ? 1 : 2;
  };
  const sinceMs = ({ readyAtMs, appearedAtMs }: SharedPod): number => readyAtMs ?? appearedAtMs;
  return pods.toSorted((one, other) => {
    const order = rankOf(one) - rankOf(other) || sinceMs(one) - sinceMs(other);
    return order || (one.id < other.id ? -1 : 1);
  });
};

/**
 * What each activator has of the pod at this place: all have the same number, and what does not
 * divide evenly goes round, on from the place where the last pod's ended.
 */
const shareAt = (place: number, index: number, count: number, limit: number): number => {
  const rest = limit % count;
  const steps = (((index - place * rest) % count) + count) % count;
  return Math.floor(limit / count) + (steps < rest ? 1 : 0);
};

/** One slot of a guarded pod for each activator that would have none: its queue-proxy waits. */
const oneAtLeast = (
  slots: Map<string, number>,
  expected: readonly SharedPod[],
  index: number,
): void => {
  const guarded = expected.filter((pod) => pod.guarded);
  const mine = expected.reduce((sum, { id }) => sum + (slots.get(id) ?? 0), 0);
  const pod = guarded[index % guarded.length];
  if (mine === 0 && pod !== undefined) slots.set(pod.id, 1);
};

/** By then a pod that starts is either ready or not counted on any more. */
const startEndsAtMs = (pods: readonly SharedPod[], nowMs: number): number | null => {
  const ends = pods
    .filter((pod) => pod.readyAtMs === null && isExpected(pod, nowMs))
    .map((pod) => pod.appearedAtMs + startingMs);
  return ends.length === 0 ? null : Math.min(...ends);
};

/** One slot in turns: those of the activator whose turn it is, or nobody's, in the gap between. */
const turnOf = (nowMs: number): { turn: number; isGap: boolean; changesAtMs: number } => {
  const turn = Math.floor(nowMs / turnMs);
  const gapAtMs = (turn + 1) * turnMs - turnGapMs;
  const isGap = nowMs >= gapAtMs;
  return { turn, isGap, changesAtMs: isGap ? (turn + 1) * turnMs : gapAtMs };
};

/**
 * The shares of `self`: with those of the others they add up to the limit of each pod, and every
 * activator has one slot at least when there are as many as activators. With fewer, an activator
 * without one sends one request at a time to a pod that a queue-proxy guards; where none does,
 * the slots are taken in turns. Null: it is alone, and has all slots of every pod.
 */
export const sharesOf = (pods: readonly SharedPod[], sharing: Sharing): Shares | null => {
  const { self, limit, nowMs } = sharing;
  const activators = [...new Set([...sharing.activators, self])].sort();
  const count = activators.length;
  if (count === 1) return null;
  const index = activators.indexOf(self);
  const ordered = inOrder(pods, nowMs);
  const expected = ordered.filter((pod) => isExpected(pod, nowMs));
  const counted = expected.length > 0 ? expected : ordered;
  const divide = (from: number): Map<string, number> =>
    new Map(ordered.map(({ id }, place) => [id, shareAt(place, from, count, limit)]));
  const slots = divide(index);
  const settled = { slots, inTurns: false, changesAtMs: startEndsAtMs(pods, nowMs) };
  if (counted.length === 0 || counted.length * limit >= count) return settled;
  if (counted.some((pod) => pod.guarded)) {
    oneAtLeast(slots, counted, index);
    return settled;
  }
  const { turn, isGap, changesAtMs } = turnOf(nowMs);
  const none = new Map(ordered.map(({ id }) => [id, 0]));
  return { slots: isGap ? none : divide((index + turn) % count), inTurns: true, changesAtMs };
};
