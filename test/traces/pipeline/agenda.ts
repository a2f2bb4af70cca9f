/** What is to happen when, in virtual time: earliest first, then in the order it was planned. */

interface Entry {
  readonly atMs: number;
  readonly run: (atMs: number) => void;
}

export interface Agenda {
  /** Times that have passed happen next, at the time it is now. */
  plan(atMs: number, run: (atMs: number) => void): void;
  /** Runs everything until and including `endMs`, also what is planned meanwhile. */
  runUntil(endMs: number): void;
}

export const createAgenda = (): Agenda => {
  const entries: Entry[] = [];
  let nowMs = 0;
  return {
    plan: (atMs, run) => {
      const dueMs = Math.max(atMs, nowMs);
      const later = entries.findIndex((entry) => entry.atMs > dueMs);
      entries.splice(later === -1 ? entries.length : later, 0, { atMs: dueMs, run });
    },
    runUntil: (endMs) => {
      for (let next = entries[0]; next !== undefined && next.atMs <= endMs; next = entries[0]) {
        entries.shift();
        nowMs = next.atMs;
        next.run(nowMs);
      }
    },
  };
};
