/** The activator's pen: counts that balance whatever happens, a whole chain, and calls to wake. */
import {
  chainOf,
  chainStart,
  decodeEvent,
  followsChain,
  type RecordedEvent,
} from '@flyball/contracts';
import { balanceOf } from '@flyball/domain';
import type { Append } from '@flyball/event-log';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRequestEvents, wakeAfterMs, wakeEveryMs } from './request-events.ts';
import {
  followedTraceparent,
  openWorkloads,
  startMs,
  storyRequest,
} from './testing/workloads-of-story.ts';

const openStory = (options: { readonly heldMax?: number } = {}) => {
  const workloads = openWorkloads(options);
  const sent: Append[] = [];
  const bus = { pending: false, full: false };
  const events = createRequestEvents({
    identity: workloads.identity,
    partitionCount: 4,
    nowMs: () => workloads.clock.nowMs,
    send: (message) => {
      if (!bus.full) sent.push(message);
      return !bus.full;
    },
    isPending: () => bus.pending,
  });
  const told = (): RecordedEvent[] =>
    sent.map(({ body, subject }, at) => {
      const decoded = decodeEvent(body, subject, at + 1);
      if (!decoded.ok) throw new Error(decoded.reason);
      return decoded.event;
    });
  const losses: { instance: string; lost: number; lastCountId: string }[] = [];
  const ledger = () =>
    balanceOf(
      told().flatMap((event) =>
        event.type === 'RequestsCounted' ? [{ id: event.id, instance: '1', data: event.data }] : [],
      ),
      losses,
    );
  const count = () => events.count(workloads.upstreams.unsettled());
  return { ...workloads, sent, bus, events, told, losses, ledger, count };
};

const steps = [
  'arrive',
  'comeBackFromPod',
  'abandon',
  'finish',
  'shed',
  'count',
  'busy',
  'full',
  'free',
  'gone',
  'appear',
] as const;

/** What may happen to one workload, in any order; a step that is not possible now does nothing. */
const actsOn = (story: ReturnType<typeof openStory>) => {
  let web = story.appear('default/web');
  let inFlight = 0;
  const waiting = () => web.holding.ledger.waiting;
  const abandons: (() => void)[] = [];
  const hold = () => {
    const { holding } = web;
    const ticket = holding.hold(storyRequest());
    if (ticket !== null) abandons.push(() => holding.abandon(ticket));
  };
  return {
    waiting,
    arrive: () => {
      if (story.upstreams.get('default/web') === undefined) return;
      story.start(web);
      inFlight += 1;
      hold();
    },
    comeBackFromPod: () => {
      if (inFlight > waiting()) hold();
    },
    abandon: () => abandons.pop()?.(),
    finish: () => {
      if (inFlight <= waiting()) return;
      story.end(web);
      inFlight -= 1;
    },
    shed: () => web.holding.shedAll(),
    count: story.count,
    busy: () => Object.assign(story.bus, { pending: true }),
    full: () => Object.assign(story.bus, { full: true }),
    free: () => Object.assign(story.bus, { pending: false, full: false }),
    gone: () => story.disappear('default/web'),
    appear: () => {
      web = story.appear('default/web');
    },
  };
};

const chainIsWhole = (sent: readonly Append[]): boolean => {
  let chain = chainStart;
  return sent.every(({ body }) => {
    const follows = followsChain(chain, body);
    chain = chainOf(body) ?? '';
    return follows;
  });
};

describe('counts', () => {
  test('what was held and what became of it is said once, with the cause and the trace', () => {
    const story = openStory();
    const web = story.appear('default/web');
    const request = storyRequest();
    web.holding.hold(request);
    story.count();
    story.count();
    const [first] = story.told();
    expect(story.sent).toHaveLength(1);
    expect(first).toMatchObject({
      type: 'RequestsCounted',
      workload: 'default/web',
      source: '/flyball/activator/1-boot',
      id: '1-boot:1:requests:default/web',
      traceparent: followedTraceparent,
      data: { held: 1, waiting: 1 },
    });
  });

  test('and calls are of no trace while the followed request is being answered', () => {
    const story = openStory();
    const web = story.appear('default/web');
    web.holding.hold(storyRequest());
    if (web.coldStart === null) throw new Error('no cold start has begun');
    web.coldStart.firstByteAtMs = startMs + 100;
    story.clock.nowMs = startMs + wakeAfterMs;
    story.count();
    story.events.wake([web]);
    expect(story.told().map(({ type, traceparent }) => [type, traceparent])).toEqual([
      ['RequestsCounted', undefined],
      ['WakeRequested', undefined],
    ]);
  });

  test('what the log gave up for lost while this one was frozen balances when it wakes', () => {
    const story = openStory();
    const web = story.appear('default/web');
    const tickets = [1, 2, 3].map(() => web.holding.hold(storyRequest()));
    story.count();
    const lastCountId = story.told().at(-1)?.id ?? '';
    story.losses.push({ instance: '1', lost: 3, lastCountId });
    expect(story.ledger()).toMatchObject({ lost: 3, waiting: 0, imbalance: 0 });
    // It wakes, one client has gone, and only then it hears of its loss.
    if (tickets[0] !== null && tickets[0] !== undefined) web.holding.abandon(tickets[0]);
    story.count();
    story.upstreams.holdAgain('default/web', 3);
    story.count();
    expect(story.ledger()).toMatchObject({ held: 6, lost: 3, waiting: 2, imbalance: 0 });
    web.holding.shedAll();
    story.count();
    expect(story.ledger()).toMatchObject({ lost: 3, shed: 2, waiting: 0, imbalance: 0 });
  });

  test('while one is on its way the next waits, and then says both', () => {
    const story = openStory();
    const web = story.appear('default/web');
    web.holding.hold(storyRequest());
    story.bus.pending = true;
    story.count();
    const second = web.holding.hold(storyRequest());
    if (second !== null) web.holding.abandon(second);
    expect(story.sent).toEqual([]);
    story.bus.pending = false;
    story.count();
    expect(story.told()[0]?.data).toMatchObject({ held: 2, abandoned: 1, waiting: 1 });
  });

  test('one that was not taken is said later, and the chain has no gap', () => {
    const story = openStory();
    const web = story.appear('default/web');
    web.holding.hold(storyRequest());
    story.bus.full = true;
    story.count();
    story.bus.full = false;
    web.holding.hold(storyRequest());
    story.count();
    web.holding.shedAll();
    story.count();
    expect(story.ledger()).toMatchObject({ held: 2, shed: 2, waiting: 0, imbalance: 0 });
    expect(chainIsWhole(story.sent)).toBe(true);
  });

  test('a workload that goes sheds; what comes back to it from a pod is shed too', async () => {
    const story = openStory();
    const web = story.appear('default/web');
    story.start(web);
    story.disappear('default/web');
    const returned = storyRequest();
    web.holding.hold(returned);
    await Promise.resolve();
    expect(returned.ends).toEqual(['shed']);
    story.end(web);
    story.count();
    expect(story.ledger()).toMatchObject({ held: 1, shed: 1, imbalance: 0 });
    story.count();
    expect(story.appear('default/web')).not.toBe(web);
  });

  test('a workload that comes back before that goes on with its counts', () => {
    const story = openStory();
    const web = story.appear('default/web');
    web.holding.hold(storyRequest());
    story.disappear('default/web');
    expect(story.upstreams.get('default/web')).toBeUndefined();
    const again = story.appear('default/web');
    expect(again).toBe(web);
    again.holding.hold(storyRequest());
    story.count();
    expect(story.ledger()).toMatchObject({ held: 2, shed: 1, waiting: 1, imbalance: 0 });
  });

  test('they balance after any history', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...steps), { maxLength: 60 }), (history) => {
        const story = openStory({ heldMax: 3 });
        const acts = actsOn(story);
        for (const step of history) acts[step]();
        acts.free();
        story.count();
        expect(story.ledger().imbalance).toBe(0);
        expect(story.ledger().waiting).toBe(acts.waiting());
        expect(chainIsWhole(story.sent)).toBe(true);
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});

describe('waking', () => {
  test('is called for after a moment without a pod, and again each second', () => {
    const story = openStory();
    const web = story.appear('default/web');
    web.holding.hold(storyRequest());
    const wake = () => story.events.wake(story.upstreams.unsettled());
    wake();
    expect(story.sent).toEqual([]);
    story.clock.nowMs = startMs + wakeAfterMs;
    wake();
    story.clock.nowMs += wakeEveryMs - 1;
    wake();
    expect(story.sent).toHaveLength(1);
    story.clock.nowMs += 1;
    wake();
    expect(story.told().map(({ type, data }) => [type, data])).toEqual(
      Array.from({ length: 2 }, () => ['WakeRequested', { waiting: 1, waitingSinceMs: startMs }]),
    );
  });

  test('is not called for while a pod starts, but is when the last one ends', () => {
    const story = openStory();
    const pod = {
      address: null,
      protocol: null,
      guarded: false,
      ready: false,
      closed: false,
      appearedAtMs: startMs,
      addressKnownAtMs: null,
      readyAtMs: null,
      trouble: null,
    };
    const web = story.appear('default/web', { pods: { 'web-1': pod } });
    web.holding.hold(storyRequest());
    story.clock.nowMs = startMs + wakeAfterMs;
    story.events.wake(story.upstreams.unsettled());
    expect(story.sent).toEqual([]);
    story.appear('default/web', { pods: { 'web-1': { ...pod, closed: true } } });
    story.events.wake(story.upstreams.unsettled());
    expect(story.told().map(({ type }) => type)).toEqual(['WakeRequested']);
  });

  test('ends when nobody waits, and begins anew with the next one', () => {
    const story = openStory();
    const web = story.appear('default/web');
    const ticket = web.holding.hold(storyRequest());
    if (ticket !== null) web.holding.abandon(ticket);
    expect(web.waitingSinceMs).toBeNull();
    story.clock.nowMs = startMs + 60_000;
    web.holding.hold(storyRequest());
    expect(web.waitingSinceMs).toBe(startMs + 60_000);
  });
});
