/** What must be told at once is told at once, in one batch, and not too often. */
import { expect, test } from 'vitest';
import { openWorkloads } from './testing/workloads-of-story.ts';
import type { Upstream } from './upstream.ts';
import { createUrgent, urgentEveryMs } from './urgent.ts';

const openUrgent = () => {
  const workloads = openWorkloads();
  const told: string[][] = [];
  const soon: (() => void)[] = [];
  const later: { readonly atMs: number; readonly task: () => void }[] = [];
  let nowMs = 0;
  const onUrgent = createUrgent({
    monotonicMs: () => nowMs,
    tellNow: (upstreams) => void told.push([...upstreams].map(({ workload }) => workload)),
    soon: (task) => void soon.push(task),
    after: (delayMs, task) => void later.push({ atMs: nowMs + delayMs, task }),
  });
  const turn = () => {
    for (const task of soon.splice(0)) task();
  };
  return {
    ...workloads,
    told,
    turn,
    later,
    request: (upstream: Upstream) => {
      workloads.start(upstream);
      onUrgent(upstream);
    },
    pass: (durationMs: number) => {
      nowMs += durationMs;
      const due = later.filter(({ atMs }) => atMs <= nowMs);
      for (const one of due) {
        later.splice(later.indexOf(one), 1);
        one.task();
      }
      turn();
    },
  };
};

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
