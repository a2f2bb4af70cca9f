/**
 * The holding ledger under every order of events: it balances, and each request ends exactly once.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { createHoldingBudget } from './holding-budget.ts';
import {
  createHoldingQueue,
  type Holdable,
  type HoldEnd,
  type HoldingQueue,
  type HoldTicket,
} from './holding-queue.ts';
import type { Pod } from './pod.ts';

/** A clock that the test moves; timers run when their time has come, in order. */
const createTestClock = (): Clock & { advance(ms: number): void } => {
  let nowMs = 0;
  let timers: { atMs: number; action: () => void }[] = [];
  return {
    monotonicMs: () => nowMs,
    after: (delayMs, action) => {
      const timer = { atMs: nowMs + delayMs, action };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        const due = timers
          .filter((timer) => timer.atMs <= endMs)
          .sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers = timers.filter((other) => other !== due);
        nowMs = Math.max(nowMs, due.atMs);
        due.action();
      }
      nowMs = endMs;
    },
  };
};

const pod: Pod = { id: 'p', host: '127.0.0.1', port: 1, phase: 'reachable', inFlight: 0, slots: 9 };

interface Request extends Holdable {
  readonly name: number;
  readonly queue: HoldingQueue<Request>;
  ticket: HoldTicket | null;
  readonly heldBytes: number;
  heldAtMs: number;
  /** Every end it was told, by itself and by the queue's callback. */
  readonly told: string[];
  readonly reported: HoldEnd[];
}

const limits = { requestsMax: 5, holdMsMax: 100, budgetRequests: 7, budgetBytes: 300 };

const createWorld = () => {
  const clock = createTestClock();
  const budget = createHoldingBudget({
    requestsMax: limits.budgetRequests,
    bytesMax: limits.budgetBytes,
  });
  const requests: Request[] = [];
  let slots = 0;
  const queues: HoldingQueue<Request>[] = [0, 1].map(() =>
    createHoldingQueue<Request>({
      acquire: () => {
        if (slots === 0) return null;
        slots--;
        return pod;
      },
      requestsMax: limits.requestsMax,
      holdMsMax: limits.holdMsMax,
      budget,
      clock,
      onEnded: (item, end) => item.reported.push(end),
    }),
  );
  const hold = (queue: HoldingQueue<Request>, bytes: number, again?: number): void => {
    const request: Request = {
      name: requests.length,
      queue,
      ticket: null,
      heldBytes: bytes,
      heldAtMs: clock.monotonicMs(),
      told: [],
      reported: [],
      released: () => request.told.push('released'),
      refused: (end) => request.told.push(end),
    };
    requests.push(request);
    request.ticket = queue.hold(request, again);
  };
  return { clock, budget, requests, queues, hold, give: (count: number) => (slots = count) };
};

type World = ReturnType<typeof createWorld>;

const checkBalance = ({ queues, budget, requests }: World): void => {
  let waiting = 0;
  let bytes = 0;
  for (const { ledger } of queues) {
    const ended = ledger.released + ledger.timedOut + ledger.shed + ledger.abandoned;
    expect(ledger.held).toBe(ended + ledger.waiting);
    expect(ledger.waiting).toBeLessThanOrEqual(limits.requestsMax);
    waiting += ledger.waiting;
    bytes += ledger.waitingBytes;
  }
  expect(budget.requests).toBe(waiting);
  expect(budget.bytes).toBe(bytes);
  expect(waiting).toBeLessThanOrEqual(limits.budgetRequests);
  expect(bytes).toBeLessThanOrEqual(limits.budgetBytes);
  expect(requests.filter((request) => request.reported.length === 0).length).toBe(waiting);
  for (const { told, reported } of requests) {
    expect(reported.length).toBeLessThanOrEqual(1);
    // The client that left is not told; everybody else is told what was reported.
    expect(told).toEqual(reported.filter((end) => end !== 'abandoned'));
  }
};

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('hold' as const),
      bytes: fc.integer({ min: 1, max: 120 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('again' as const),
      inMs: fc.integer({ min: 0, max: 100 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('release' as const),
      slots: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('abandon' as const), which: fc.nat({ max: 30 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 70 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('shedAll' as const) }) },
);

test('whatever happens in whatever order, the ledger balances and each request ends once', () => {
  const steps = fc.array(fc.tuple(fc.nat({ max: 1 }), step), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (script) => {
      const world = createWorld();
      const { clock, requests, queues } = world;
      for (const [at, what] of script) {
        const queue = queues[at] as HoldingQueue<Request>;
        if (what.do === 'hold') world.hold(queue, what.bytes);
        else if (what.do === 'again') world.hold(queue, 10, clock.monotonicMs() + what.inMs);
        else if (what.do === 'wait') clock.advance(what.ms);
        else if (what.do === 'shedAll') queue.shedAll();
        else if (what.do === 'release') {
          world.give(what.slots);
          queue.pump();
          world.give(0);
        } else {
          // May have ended already, and may be abandoned twice: neither may count.
          const request = requests[what.which];
          if (request?.ticket != null) request.queue.abandon(request.ticket);
        }
        checkBalance(world);
      }
      clock.advance(limits.holdMsMax + 1);
      for (const { ledger } of queues) expect(ledger.waiting).toBe(0);
      expect(requests.every((request) => request.reported.length === 1)).toBe(true);
      checkBalance(world);
    }),
    { seed: 20_251_122, numRuns: 1_000 },
  );
});

test('first in is first out; a request held again goes by its first deadline', () => {
  const world = createWorld();
  const queue = world.queues[0] as HoldingQueue<Request>;
  world.hold(queue, 1);
  world.clock.advance(10);
  world.hold(queue, 1);
  world.hold(queue, 1, 105);
  const order: number[] = [];
  for (let i = 0; i < 3; i++) {
    world.give(1);
    queue.pump();
    order.push(...world.requests.filter((one) => one.told.length === 1).map((one) => one.name));
  }
  expect(order).toEqual([0, 0, 2, 0, 1, 2]);
});

test('nobody waits longer than the limit, whatever is released meanwhile', () => {
  const world = createWorld();
  const queue = world.queues[0] as HoldingQueue<Request>;
  for (let i = 0; i < 5; i++) {
    world.hold(queue, 1);
    world.clock.advance(20);
  }
  expect(world.requests.map((one) => one.told)).toEqual([['timedOut'], [], [], [], []]);
  world.give(1);
  queue.pump();
  world.clock.advance(39);
  expect(world.requests.map((one) => one.told[0])).toEqual([
    'timedOut',
    'released',
    undefined,
    undefined,
    undefined,
  ]);
  world.clock.advance(1);
  expect(world.requests[2]?.told).toEqual(['timedOut']);
  world.clock.advance(20);
  expect(world.requests[3]?.told).toEqual(['timedOut']);
  expect(world.requests[4]?.told).toEqual([]);
});
