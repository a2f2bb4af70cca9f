/** Who tells the ledgers sleeps while there is nothing to tell. */
import { setImmediate as settled } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openWorkloads, storyRequest } from './testing/workloads-of-story.ts';

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
