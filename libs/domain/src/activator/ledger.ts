/** The ledger of held requests: what changed since the last count, so that the events balance. */
import type { EventDataByName } from '@flyball/contracts';

/** Totals since the activator began; held = the four ends + waiting, always. */
export interface LedgerTotals {
  readonly held: number;
  readonly released: number;
  readonly timedOut: number;
  readonly shed: number;
  readonly abandoned: number;
  readonly waiting: number;
}

export const emptyLedger: LedgerTotals = {
  held: 0,
  released: 0,
  timedOut: 0,
  shed: 0,
  abandoned: 0,
  waiting: 0,
};

/** How far a ledger is out of balance: 0 when every held request is accounted for. */
export const ledgerImbalance = (totals: LedgerTotals): number =>
  totals.held - totals.released - totals.timedOut - totals.shed - totals.abandoned - totals.waiting;

/**
 * The RequestsCounted that leads from `before` to `now`; undefined when nothing was held or ended.
 * `waitedMaxMs` is the longest wait that ended in between.
 */
export const countedSince = (
  before: LedgerTotals,
  now: LedgerTotals,
  waitedMaxMs: number,
): EventDataByName['RequestsCounted'] | undefined => {
  const counted = {
    held: now.held - before.held,
    released: now.released - before.released,
    timedOut: now.timedOut - before.timedOut,
    shed: now.shed - before.shed,
    abandoned: now.abandoned - before.abandoned,
  };
  const nothing = Object.values(counted).every((count) => count === 0);
  if (nothing) return undefined;
  return { ...counted, waiting: now.waiting, waitedMaxMs: Math.round(waitedMaxMs) };
};

/** A balance over a history: of each instance by its own counts, and of what was lost with it. */
export interface LedgerBalance extends LedgerTotals {
  readonly lost: number;
  /** held − every end − lost − waiting: 0 in a history that is whole. */
  readonly imbalance: number;
}

/** A RequestsCounted, as the ledger takes it. */
export interface CountedRequests {
  readonly id: string;
  readonly instance: string;
  readonly data: EventDataByName['RequestsCounted'];
}

/**
 * Sums a workload's RequestsCounted and RequestsLost events, each in the order of the log. An
 * instance that counts again after its loss was not lost, and tells what was as held once more.
 */
export const balanceOf = (
  counts: readonly CountedRequests[],
  losses: readonly EventDataByName['RequestsLost'][],
): LedgerBalance => {
  const last = new Map<string, { readonly id: string; readonly waiting: number }>();
  const sum = { held: 0, released: 0, timedOut: 0, shed: 0, abandoned: 0 };
  for (const { id, instance, data } of counts) {
    last.set(instance, { id, waiting: data.waiting });
    sum.held += data.held;
    sum.released += data.released;
    sum.timedOut += data.timedOut;
    sum.shed += data.shed;
    sum.abandoned += data.abandoned;
  }
  let lost = 0;
  for (const loss of losses) {
    lost += loss.lost;
    if (last.get(loss.instance)?.id === loss.lastCountId) last.delete(loss.instance);
  }
  const waiting = [...last.values()].reduce((total, one) => total + one.waiting, 0);
  return { ...sum, waiting, lost, imbalance: ledgerImbalance({ ...sum, waiting }) - lost };
};
