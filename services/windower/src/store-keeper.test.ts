/** What the keeper of Redis notes while it cannot write. */
import { OutsideError } from '@flyball/contracts';
import { windower } from '@flyball/domain';
import { VirtualTime, virtualClock } from '@flyball/service/testing';
import { createMemoryWindows } from '@flyball/window-store';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createWindowerMetrics } from './metrics.ts';
import { createStoreKeeper } from './store-keeper.ts';
import { storeOver } from './testing/store-road.ts';

const sources = 3;
const awayForSeconds = 600;

it('is no more after a long time without Redis: all is written when it comes', async () => {
  const time = new VirtualTime();
  const clock = virtualClock(time, 0);
  const stop = new AbortController();
  const isAway = () => time.nowMs < awayForSeconds * 1_000;
  const store = storeOver(createMemoryWindows().open(), async () => {
    if (isAway()) throw new OutsideError('REDIS_UNREACHABLE', 'Redis is away', { retriable: true });
  });
  const keeper = createStoreKeeper({
    ...{ store, partition: 0, streamCreatedAt: '', cursorSeq: 0, cursorId: () => '', clock },
    state: windower.initialState(0),
    metrics: createWindowerMetrics(new Registry()),
    isOwner: () => true,
    signal: stop.signal,
    onStatus: () => undefined,
  });
  const running = keeper.run();
  let most = 0;
  for (let second = 0; second < awayForSeconds; second += 1) {
    for (let at = 0; at < sources; at += 1) keeper.changed(`activator-${at}`, second * 1_000);
    await time.run((second + 1) * 1_000);
    most = Math.max(most, keeper.left().seconds.length);
  }
  // What came during one pause.
  expect(most).toBeLessThanOrEqual(10 * sources);
  await time.run((awayForSeconds + 30) * 1_000);
  expect(keeper.left()).toEqual({ cursorSeq: 0, seconds: [] });
  stop.abort();
  await running;
});
