/** When a decider is silent: ticks go on, and nothing says that they were decided. */

/** A decider this far behind its ticks is silent, not content. */
const silentMs = 3_000;

/** Whether a decider that has decided through one tick is too far behind the newest; UTC ms. */
export const isDeciderSilent = (tickAtMs: number, decidedAtMs: number): boolean =>
  tickAtMs - decidedAtMs > silentMs;
