/** What is known of the pods after whatever was told of them. */
import { expect, it } from 'vitest';
import { DeciderStory } from '../testing/decider-story.ts';

const place = { address: null, metricsAddress: null, createdAtMs: 0 };

const countsOf = ({ state }: DeciderStory) => {
  const { readyPods, startingPods, pods } = state.workloads['default/web'] ?? {};
  return { readyPods, startingPods, pods: Object.keys(pods ?? {}).length };
};

it('each pod counts once, in its last phase, however often it is told', () => {
  const story = new DeciderStory().workload();
  for (const pod of ['a', 'b', 'c']) story.event('PodAppeared', { pod, ...place });
  expect(countsOf(story)).toEqual({ readyPods: 0, startingPods: 3, pods: 3 });
  for (const pod of ['a', 'a', 'b']) story.event('PodReady', { pod });
  story.event('PodAppeared', { pod: 'a', ...place });
  expect(countsOf(story)).toEqual({ readyPods: 2, startingPods: 1, pods: 3 });
  const why = { reason: 'unknown', message: '' } as const;
  for (const pod of ['a', 'a']) story.event('PodUnready', { pod, ...why });
  expect(countsOf(story)).toEqual({ readyPods: 1, startingPods: 1, pods: 3 });
  for (const pod of ['a', 'b', 'b', 'c', 'unknown']) story.event('PodGone', { pod });
  expect(countsOf(story)).toEqual({ readyPods: 0, startingPods: 0, pods: 0 });
});
