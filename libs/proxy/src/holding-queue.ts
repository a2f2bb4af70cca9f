/** Requests that wait for a pod: first in first out, every one ended exactly once, the ledger balanced. */

import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import type { Pod } from './pod.ts';
import type { Holdable } from './route.ts';

/** How a held request ended. `abandoned`: its client went away. */
export type HoldEnd = 'released' | 'timedOut' | 'shed' | 'abandoned';

/**
 * Counts since the queue was made. At all times
 * `held = released + timedOut + shed + abandoned + waiting`.
 * A request that is held again after a refused connection counts as held again.
 */
export interface HoldingLedger {
  held: number;
  released: number;
  timedOut: number;
  shed: number;
  abandoned: number;
  waiting: number;
  /** Bytes that the waiting ones cost. */
  waitingBytes: number;
}

/** A place in the queue. */
export interface HoldTicket<T> {
  readonly item: T;
  readonly heldAtMs: number;
}

interface Ticket<T> extends HoldTicket<T> {
  /** When the request was first held; a request held again keeps it, so it cannot wait for ever. */
  deadlineMs: number;
  before: Ticket<T> | null;
  after: Ticket<T> | null;
  waiting: boolean;
}

/** Room that several queues share, so that all of them together stay bounded. */
export interface HoldingBudget {
  /** Takes room for one request; false when there is none. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly requests: number;
  readonly bytes: number;
}

/** A budget of so many held requests and bytes over all queues that are given it. */
export const createHoldingBudget = (max: { requestsMax: number; bytesMax: number }) => {
  let requests = 0;
  let bytes = 0;
  const budget: HoldingBudget = {
    take: (size) => {
      if (requests >= max.requestsMax || bytes + size > max.bytesMax) return false;
      requests++;
      bytes += size;
      return true;
    },
    give: (size) => {
      requests--;
      bytes -= size;
    },
    get requests() {
      return requests;
    },
    get bytes() {
      return bytes;
    },
  };
  return budget;
};

export interface HoldingOptions<T> {
  /** Takes a slot for the head of the queue; null while there is none. */
  readonly acquire: () => Pod | null;
  /** Requests this queue holds at most. */
  readonly requestsMax: number;
  /** Longest time a request is held. */
  readonly holdMsMax: number;
  /** Room shared with other queues. */
  readonly budget: HoldingBudget;
  readonly clock?: Clock;
  /** Called when a request begins to wait, and also for one that is shed on arrival. */
  readonly onHeld?: (item: T) => void;
  /** Called once for each `onHeld`. */
  readonly onEnded?: (item: T, end: HoldEnd, heldMs: number) => void;
}

export interface HoldingQueue<T> {
  readonly ledger: Readonly<HoldingLedger>;
  /**
   * Lets the item wait at the end of the queue, or at its front when `deadlineMs` of an earlier wait
   * is given. Null: there was no room, and `refused('shed')` has been called.
   */
  hold(item: T, deadlineMs?: number): HoldTicket<T> | null;
  /** The client went away. No effect on a ticket that has ended. */
  abandon(ticket: HoldTicket<T>): void;
  /** Releases from the front while `acquire` gives slots. */
  pump(): void;
  /** Ends everything that waits as shed, e.g. before closing. Returns how many. */
  shedAll(): number;
  /** When the ticket's time is over, on the queue's clock. */
  deadlineOf(ticket: HoldTicket<T>): number;
}

/** A holding queue; see HoldingOptions for its limits. */
export const createHoldingQueue = <T extends Holdable>(
  options: HoldingOptions<T>,
): HoldingQueue<T> => {
  const clock = options.clock ?? systemClock;
  const ledger: HoldingLedger = {
    held: 0,
    released: 0,
    timedOut: 0,
    shed: 0,
    abandoned: 0,
    waiting: 0,
    waitingBytes: 0,
  };
  let first: Ticket<T> | null = null;
  let last: Ticket<T> | null = null;
  let cancelTimer: (() => void) | null = null;
  let timerAtMs = 0;

  const unlink = (ticket: Ticket<T>): void => {
    if (ticket.before === null) first = ticket.after;
    else ticket.before.after = ticket.after;
    if (ticket.after === null) last = ticket.before;
    else ticket.after.before = ticket.before;
    ticket.before = null;
    ticket.after = null;
  };

  /** Inserts by deadline, searching from the end: an ordinary arrival is already in its place. */
  const link = (ticket: Ticket<T>): void => {
    let before = last;
    while (before !== null && before.deadlineMs > ticket.deadlineMs) before = before.before;
    ticket.before = before;
    ticket.after = before === null ? first : before.after;
    if (ticket.before === null) first = ticket;
    else ticket.before.after = ticket;
    if (ticket.after === null) last = ticket;
    else ticket.after.before = ticket;
  };

  /** Books the end before anyone is told, so that the ledger balances inside every callback. */
  const settle = (ticket: Ticket<T>, end: HoldEnd): void => {
    unlink(ticket);
    ticket.waiting = false;
    ledger.waiting--;
    ledger.waitingBytes -= ticket.item.heldBytes;
    ledger[end]++;
    options.budget.give(ticket.item.heldBytes);
    options.onEnded?.(ticket.item, end, clock.now() - ticket.heldAtMs);
  };

  const expire = (): void => {
    cancelTimer = null;
    const nowMs = clock.now();
    while (first !== null && first.deadlineMs <= nowMs) {
      const ticket: Ticket<T> = first;
      settle(ticket, 'timedOut');
      ticket.item.refused('timedOut');
    }
    watchHead();
  };

  /** One timer per queue: for the head, which is always the first to run out. */
  const watchHead = (): void => {
    if (first === null) return;
    if (cancelTimer !== null) {
      if (timerAtMs <= first.deadlineMs) return;
      cancelTimer();
    }
    timerAtMs = first.deadlineMs;
    cancelTimer = clock.schedule(Math.max(0, Math.ceil(timerAtMs - clock.now())), expire);
  };

  const shedOnArrival = (item: T): null => {
    ledger.held++;
    ledger.shed++;
    options.onHeld?.(item);
    options.onEnded?.(item, 'shed', 0);
    item.refused('shed');
    return null;
  };

  return {
    ledger,
    hold: (item, deadlineMs) => {
      if (ledger.waiting >= options.requestsMax) return shedOnArrival(item);
      if (!options.budget.take(item.heldBytes)) return shedOnArrival(item);
      const heldAtMs = clock.now();
      const ticket: Ticket<T> = {
        item,
        heldAtMs,
        deadlineMs: deadlineMs ?? heldAtMs + options.holdMsMax,
        before: null,
        after: null,
        waiting: true,
      };
      link(ticket);
      ledger.held++;
      ledger.waiting++;
      ledger.waitingBytes += item.heldBytes;
      options.onHeld?.(item);
      watchHead();
      return ticket;
    },
    abandon: (ticket) => {
      if ((ticket as Ticket<T>).waiting) settle(ticket as Ticket<T>, 'abandoned');
    },
    pump: () => {
      while (first !== null) {
        const pod = options.acquire();
        if (pod === null) return;
        const ticket: Ticket<T> = first;
        settle(ticket, 'released');
        ticket.item.released(pod);
      }
    },
    shedAll: () => {
      const count = ledger.waiting;
      for (let left = count; left > 0 && first !== null; left--) {
        const ticket: Ticket<T> = first;
        settle(ticket, 'shed');
        ticket.item.refused('shed');
      }
      return count;
    },
    deadlineOf: (ticket) => (ticket as Ticket<T>).deadlineMs,
  };
};
