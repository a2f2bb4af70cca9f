/** What must be told at once is told at once, in one batch, and not too often. */
import { describe, expect, test } from 'vitest';
import { openWorkloads } from './testing/workloads-of-story.ts';
import type { Upstream } from './upstream.ts';
import { createUrgent, urgentEveryMs } from './urgent.ts';

const openUrgent = () => {
  const workloads = openWorkloads();
  const told: string[][] = [];
  const levels: number[] = [];
  const soon: (() => void)[] = [];
  const later: { readonly atMs: number; readonly task: () => void }[] = [];
  let nowMs = 0;
  const onUrgent = createUrgent({
    monotonicMs: () => nowMs,
    nowMs: () => workloads.clock.nowMs,
    tellNow: (now) => {
      told.push([...now].map(([{ workload }]) => workload));
      levels.push(...[...now].map(([, inFlight]) => inFlight));
    },
    soon: (task) => void soon.push(task),
    after: (delayMs, task) => void later.push({ atMs: nowMs + delayMs, task }),
  });
  const turn = () => {
    for (const task of soon.splice(0)) task();
  };
  return {
    ...workloads,
    told,
    levels,
    turn,
    later,
    /** Sets the meters' clock, and not the one that never goes back. */
    setClock: (byMs: number) => {
      workloads.clock.nowMs += byMs;
    },
    request: (upstream: Upstream) => {
      workloads.start(upstream);
      onUrgent(upstream);
    },
    pass: (durationMs: number) => {
      const untilMs = nowMs + durationMs;
      for (;;) {
        const [next] = later.toSorted((one, other) => one.atMs - other.atMs);
        const isDue = next !== undefined && next.atMs <= untilMs;
        const atMs = isDue ? next.atMs : untilMs;
        workloads.clock.nowMs += atMs - nowMs;
        nowMs = atMs;
        if (!isDue) break;
        later.splice(later.indexOf(next), 1);
        next.task();
      }
      turn();
    },
  };
};

const addPod = (upstream: Upstream) =>
  upstream.pods.add({ id: 'web-1', host: '127.0.0.1', port: 9, reachable: true });

test('a burst over several workloads in one turn is one batch', () => {
  const story = openUrgent();
  const [one, two] = [story.appear('default/one'), story.appear('default/two')];
  story.request(one);
  story.request(two);
  story.request(one);
  expect(story.told).toEqual([]);
  story.turn();
  expect(story.told).toEqual([['default/one', 'default/two']]);
});

test('more requests of the same workload wait for their time, then are told together', () => {
  const story = openUrgent();
  const one = story.appear('default/one');
  story.request(one);
  story.turn();
  story.pass(50);
  story.request(one);
  story.request(one);
  story.turn();
  expect(story.told).toHaveLength(1);
  story.pass(urgentEveryMs - 51);
  expect(story.told).toHaveLength(1);
  story.pass(1);
  expect(story.told).toHaveLength(2);
  expect(story.later).toEqual([]);
});

test('nothing is told a second time when nothing was added', () => {
  const story = openUrgent();
  const one = story.appear('default/one');
  story.request(one);
  story.turn();
  story.pass(10);
  story.end(one);
  story.request(one);
  story.pass(urgentEveryMs);
  expect(story.told).toHaveLength(1);
});

test('a moment between answers and the next requests is not taken for the load', () => {
  const story = openUrgent();
  const one = story.appear('default/one');
  addPod(one);
  const ask = (count: number) => {
    for (let n = 0; n < count; n += 1) story.request(one);
  };
  ask(40);
  story.turn();
  story.pass(10);
  ask(60);
  story.pass(urgentEveryMs - 20);
  // A pod has answered all of them: who asked will ask again.
  for (let n = 0; n < 100; n += 1) story.end(one);
  story.pass(10);
  expect(story.levels).toEqual([40, 90]);
});

describe('an average is of what was in flight, though', () => {
  /** Ten in flight, told; then one more, and half of the averaged time is over. */
  const openAveraged = () => {
    const story = openUrgent();
    const one = story.appear('default/one');
    for (let n = 0; n < 10; n += 1) story.request(one);
    story.turn();
    story.pass(10);
    story.request(one);
    story.pass(urgentEveryMs - 60);
    return { ...story, one };
  };

  test.each([
    ['the clock is set forward', [30_000]],
    ['the clock is set back', [-30_000]],
    ['the clock is set forward and back', [30_000, -30_000]],
    ['the clock is set back and forward', [-30_000, 60_000]],
    ['the machine sleeps for hours', [8 * 3_600_000]],
  ])('%s', (_, steps) => {
    const story = openAveraged();
    for (const step of steps) {
      story.setClock(step);
      // What begins and ends makes the meter look at the clock.
      story.start(story.one);
      story.end(story.one);
    }
    story.pass(50);
    expect(story.levels).toEqual([10, 11]);
  });

  test('a clock is set while more than ever are in flight for a moment', () => {
    const story = openAveraged();
    for (let n = 0; n < 500; n += 1) story.start(story.one);
    story.setClock(30_000);
    for (let n = 0; n < 500; n += 1) story.end(story.one);
    story.pass(50);
    expect(story.levels).toEqual([10, 11]);
  });
});

test.each([
  ['whose requests have all left without a pod', () => undefined],
  [
    'that is gone',
    (story: ReturnType<typeof openUrgent>, one: Upstream) => {
      addPod(one);
      story.disappear('default/one');
    },
  ],
])('no average is told of a workload %s', (_, happen) => {
  const story = openUrgent();
  const one = story.appear('default/one');
  for (let n = 0; n < 10; n += 1) story.request(one);
  story.turn();
  story.pass(10);
  for (let n = 0; n < 50; n += 1) story.request(one);
  story.pass(urgentEveryMs - 20);
  happen(story, one);
  for (let n = 0; n < 60; n += 1) story.end(one);
  story.pass(10);
  expect(story.levels).toEqual([10]);
});

test('nothing is told of a workload that goes while its requests are in flight', () => {
  const story = openUrgent();
  const one = story.appear('default/one');
  story.request(one);
  story.disappear('default/one');
  story.turn();
  expect(story.told).toEqual([]);
});

test('what arrives and is answered in one turn counts as the most that it was', () => {
  const story = openUrgent();
  const one = story.appear('default/one');
  for (let n = 0; n < 50; n += 1) story.request(one);
  for (let n = 0; n < 30; n += 1) story.end(one);
  story.turn();
  expect(story.levels).toEqual([50]);
});

test('who left before the turn ended is not told of', () => {
  const story = openUrgent();
  const one = story.appear('default/one');
  story.request(one);
  story.end(one);
  story.turn();
  expect(story.told).toEqual([]);
  story.request(one);
  story.turn();
  expect(story.told).toHaveLength(1);
});
