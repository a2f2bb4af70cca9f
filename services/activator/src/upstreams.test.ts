/** Upstreams: when their ledgers are to be told, and how long their requests may take. */
import { setImmediate as settled } from 'node:timers/promises';
import { defaultAutoscalerConfig, resolvePolicy } from '@flyball/knative';
import { defaultProxyLimits } from '@flyball/proxy';
import { expect, test } from 'vitest';
import { openWorkloads, storyRequest } from './testing/workloads-of-story.ts';
import type { Upstream } from './upstream.ts';

const watch = (waiting: Promise<void>) => {
  const seen = { isOver: false };
  void waiting.then(() => {
    seen.isOver = true;
  });
  return async () => {
    await settled();
    return seen.isOver;
  };
};

test('nothing held, nothing to tell; the first held request wakes', async () => {
  const { upstreams, appear } = openWorkloads();
  const upstream = appear('default/web');
  const isOver = watch(upstreams.untilUnsettled(new AbortController().signal));
  expect(await isOver()).toBe(false);
  upstream.holding.hold(storyRequest());
  expect(await isOver()).toBe(true);
  const again = watch(upstreams.untilUnsettled(new AbortController().signal));
  expect(await again()).toBe(true);
});

test('a workload that leaves wakes too: its upstream is to be forgotten', async () => {
  const { upstreams, appear, disappear } = openWorkloads();
  appear('default/web');
  const isOver = watch(upstreams.untilUnsettled(new AbortController().signal));
  disappear('default/web');
  expect(await isOver()).toBe(true);
  expect([...upstreams.unsettled()]).toEqual([]);
  const after = watch(upstreams.untilUnsettled(new AbortController().signal));
  expect(await after()).toBe(false);
});

test('what the log gave up is told once more, by waking', async () => {
  const { upstreams, appear } = openWorkloads();
  appear('default/web');
  const isOver = watch(upstreams.untilUnsettled(new AbortController().signal));
  upstreams.holdAgain('default/web', 1);
  expect(await isOver()).toBe(true);
});

test('the end of the life wakes', async () => {
  const { upstreams } = openWorkloads();
  const stop = new AbortController();
  const isOver = watch(upstreams.untilUnsettled(stop.signal));
  expect(await isOver()).toBe(false);
  stop.abort();
  expect(await isOver()).toBe(true);
});

const policyOf = (timeoutMs: number) => {
  const { policy } = resolvePolicy({ config: defaultAutoscalerConfig, annotations: {} });
  return { ...policy, timeoutMs };
};

const holdMsOf = ({ holding }: Upstream): number => {
  const ticket = holding.hold(storyRequest());
  return ticket === null ? 0 : holding.deadlineOf(ticket) - ticket.heldAtMs;
};

test('a request is held as long as its timeout, and never longer than any may be', () => {
  const { appear } = openWorkloads();
  expect(holdMsOf(appear('default/short', { policy: policyOf(10_000) }))).toBeCloseTo(10_000);
  expect(holdMsOf(appear('default/long', { policy: policyOf(600_000) }))).toBeCloseTo(60_000);
  expect(holdMsOf(appear('default/new'))).toBeCloseTo(60_000);
});

test('an answer may be silent for the time that it may take to begin, if that is longer', () => {
  const { appear } = openWorkloads();
  const limitsOf = ({ responseStartTimeoutMs, responseIdleTimeoutMs }: Upstream) => [
    responseStartTimeoutMs,
    responseIdleTimeoutMs,
  ];
  const usualMs = defaultProxyLimits.responseIdleTimeoutMs;
  const short = appear('default/short', { policy: policyOf(10_000) });
  expect(limitsOf(short)).toEqual([10_000, usualMs]);
  const long = appear('default/long', { policy: policyOf(2 * usualMs) });
  expect(limitsOf(long)).toEqual([2 * usualMs, 2 * usualMs]);
});
