/**
 * Requests that wait for a pod: first in first out, every one ended exactly once, the ledger
 * balanced.
 */

import type { Clock } from './clock.ts';
import { unrefClock } from './clock.ts';
import type { HoldingBudget } from './holding-budget.ts';
import type { Pod } from './pod.ts';

/** Something that can wait in a holding queue. It is told its end exactly once. */
export interface Holdable {
  /** Bytes that waiting costs: headers and socket buffers. The body is not read while held. */
  readonly heldBytes: number;
  /** Turn has come: a slot of this pod is taken for it already. */
  released(pod: Pod): void;
  /** It will not be served: waited too long, or there was no room for it. */
  refused(end: 'timedOut' | 'shed'): void;
}

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

/** A place in the queue; its owner gives it back to `abandon`. */
export interface HoldTicket {
  readonly heldAtMs: number;
}

interface Ticket<T> extends HoldTicket {
  readonly item: T;
  /** When the request was first held; a request held again keeps it, so it cannot wait for ever. */
  deadlineMs: number;
  before: Ticket<T> | null;
  after: Ticket<T> | null;
  waiting: boolean;
}

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
   * Lets the item wait at the end of the queue, or at its front when `deadlineMs` of an earlier
   * wait is given. Null: there was no room, and `refused('shed')` has been called.
   */
  hold(item: T, deadlineMs?: number): HoldTicket | null;
  /** The client went away. No effect on a ticket that has ended. */
  abandon(ticket: HoldTicket): void;
  /** Releases from the front while `acquire` gives slots. */
  pump(): void;
  /** Ends everything that waits as shed, e.g. before closing. Returns how many. */
  shedAll(): number;
  /** When the ticket's time is over, on the queue's clock. */
  deadlineOf(ticket: HoldTicket): number;
}

const emptyLedger = (): HoldingLedger => ({
  held: 0,
  released: 0,
  timedOut: 0,
  shed: 0,
  abandoned: 0,
  waiting: 0,
  waitingBytes: 0,
});

class FairQueue<T extends Holdable> implements HoldingQueue<T> {
  readonly ledger: HoldingLedger = emptyLedger();
  readonly #options: HoldingOptions<T>;
  readonly #clock: Clock;
  #first: Ticket<T> | null = null;
  #last: Ticket<T> | null = null;
  #cancelTimer: (() => void) | null = null;
  #timerAtMs = 0;

  constructor(options: HoldingOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? unrefClock;
  }

  hold(item: T, deadlineMs?: number): HoldTicket | null {
    const { budget, requestsMax, holdMsMax } = this.#options;
    const { ledger } = this;
    if (ledger.waiting >= requestsMax) return this.#shedOnArrival(item);
    if (!budget.take(item.heldBytes)) return this.#shedOnArrival(item);
    const heldAtMs = this.#clock.monotonicMs();
    const ticket: Ticket<T> = {
      item,
      heldAtMs,
      deadlineMs: deadlineMs ?? heldAtMs + holdMsMax,
      before: null,
      after: null,
      waiting: true,
    };
    this.#link(ticket);
    ledger.held++;
    ledger.waiting++;
    ledger.waitingBytes += item.heldBytes;
    this.#options.onHeld?.(item);
    this.#watchHead();
    return ticket;
  }

  abandon(ticket: HoldTicket): void {
    const own = ticket as Ticket<T>;
    if (own.waiting) this.#settle(own, 'abandoned');
  }

  pump(): void {
    for (let ticket = this.#first; ticket !== null; ticket = this.#first) {
      const pod = this.#options.acquire();
      if (pod === null) return;
      this.#settle(ticket, 'released');
      ticket.item.released(pod);
    }
  }

  shedAll(): number {
    const count = this.ledger.waiting;
    for (let left = count; left > 0 && this.#first !== null; left--)
      this.#refuse(this.#first, 'shed');
    return count;
  }

  deadlineOf(ticket: HoldTicket): number {
    return (ticket as Ticket<T>).deadlineMs;
  }

  #shedOnArrival(item: T): null {
    this.ledger.held++;
    this.ledger.shed++;
    this.#options.onHeld?.(item);
    this.#options.onEnded?.(item, 'shed', 0);
    item.refused('shed');
    return null;
  }

  /** Books the end before anyone is told, so that the ledger balances inside every callback. */
  #settle(ticket: Ticket<T>, end: HoldEnd): void {
    const { ledger } = this;
    this.#unlink(ticket);
    ticket.waiting = false;
    ledger.waiting--;
    ledger.waitingBytes -= ticket.item.heldBytes;
    ledger[end]++;
    this.#options.budget.give(ticket.item.heldBytes);
    this.#options.onEnded?.(ticket.item, end, this.#clock.monotonicMs() - ticket.heldAtMs);
  }

  #refuse(ticket: Ticket<T>, end: 'timedOut' | 'shed'): void {
    this.#settle(ticket, end);
    ticket.item.refused(end);
  }

  /** One timer per queue: for the head, which is always the first to run out. */
  #watchHead(): void {
    const first = this.#first;
    if (first === null) return;
    if (this.#cancelTimer !== null) {
      if (this.#timerAtMs <= first.deadlineMs) return;
      this.#cancelTimer();
    }
    this.#timerAtMs = first.deadlineMs;
    const delayMs = Math.max(0, Math.ceil(first.deadlineMs - this.#clock.monotonicMs()));
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#expire());
  }

  #expire(): void {
    this.#cancelTimer = null;
    const nowMs = this.#clock.monotonicMs();
    for (let ticket = this.#first; ticket !== null; ticket = this.#first) {
      if (ticket.deadlineMs > nowMs) break;
      this.#refuse(ticket, 'timedOut');
    }
    this.#watchHead();
  }

  /** Inserts by deadline, searching from the end: an ordinary arrival is already in its place. */
  #link(ticket: Ticket<T>): void {
    let before = this.#last;
    while (before !== null && before.deadlineMs > ticket.deadlineMs) before = before.before;
    ticket.before = before;
    ticket.after = before === null ? this.#first : before.after;
    if (ticket.before === null) this.#first = ticket;
    else ticket.before.after = ticket;
    if (ticket.after === null) this.#last = ticket;
    else ticket.after.before = ticket;
  }

  #unlink(ticket: Ticket<T>): void {
    if (ticket.before === null) this.#first = ticket.after;
    else ticket.before.after = ticket.after;
    if (ticket.after === null) this.#last = ticket.before;
    else ticket.after.before = ticket.before;
    ticket.before = null;
    ticket.after = null;
  }
}

/** A holding queue; see HoldingOptions for its limits. */
export const createHoldingQueue = <T extends Holdable>(
  options: HoldingOptions<T>,
): HoldingQueue<T> => new FairQueue(options);
