/** Says that spans cannot be sent: at once, and then seldom, with how many were lost. */

/** Between two complaints of the same process. */
export const troubleEveryMs = 60_000;

export interface Trouble {
  /** `spans` were lost because of `reason`; 0 where nobody knows how many. Never throws. */
  lost(spans: number, reason: string): void;
}

/** Counts what is lost between two complaints. */
export const createTrouble = (
  onTrouble: ((sentence: string) => void) | undefined,
  nowMs: () => number = () => performance.now(),
): Trouble => {
  let lostSince = 0;
  let saidAtMs = Number.NEGATIVE_INFINITY;
  return {
    lost: (spans, reason) => {
      lostSince += spans;
      if (nowMs() - saidAtMs < troubleEveryMs) return;
      saidAtMs = nowMs();
      const dropped = lostSince === 0 ? '' : `; ${lostSince} were dropped`;
      onTrouble?.(`Spans are not sent: ${reason}${dropped}`);
      lostSince = 0;
    },
  };
};
