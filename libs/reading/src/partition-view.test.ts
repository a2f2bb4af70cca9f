/** Following a partition: what is shown is what is recorded, with a decider and without one. */
import type { FlyballEvent } from '@flyball/contracts';
import type { DecidedWorkload } from '@flyball/domain';
import { expect, it } from 'vitest';
import { followPartition, type PartitionNews, viewPartition } from './partition-view.ts';
import { RecordedStory, tellStory } from './testing/recorded-story.ts';
import { wantedOf } from './wanted-workloads.ts';

const followed = ({ reader, partition }: RecordedStory) => {
  const ended = new AbortController();
  const shown: DecidedWorkload[] = [];
  const anew: boolean[] = [];
  const take = ({ state, isAnew }: PartitionNews): void => {
    shown.push(...wantedOf(state));
    anew.push(isAnew);
  };
  const following = (async () => {
    for await (const news of followPartition(reader, partition, ended.signal)) take(news);
  })();
  const end = async (): Promise<void> => {
    ended.abort();
    await following;
  };
  return { shown, anew, end };
};

const withReplicas = ({ data, ...decided }: FlyballEvent<'Decided'>, to: number): FlyballEvent => ({
  ...decided,
  data: { ...data, to },
});

const decisionIn = (shown: DecidedWorkload | undefined) => {
  if (shown === undefined) throw new Error('the story has a workload');
  const { desiredReplicas, mode, routing, lastDecision } = shown;
  return { desiredReplicas, mode, routing, lastDecision };
};

it('shows no decision that nobody made while the decider is away, live or anew', async () => {
  const story = await tellStory();
  const { shown, end } = followed(story);
  await expect.poll(() => shown.length).toBeGreaterThan(0);
  const recorded = decisionIn(shown[0]);
  expect(recorded).toMatchObject({ desiredReplicas: 2, mode: 'stable' });
  story.deciderRuns = false;
  await story.load(8, 150);
  await expect.poll(() => shown.at(-1)?.panicAverage).toBe(150);
  for (const one of shown) expect(one).toMatchObject(recorded);
  await end();
  const { signal } = new AbortController();
  const view = await viewPartition(story.reader, story.partition, signal);
  expect(wantedOf(view.state)).toEqual([
    expect.objectContaining({ ...recorded, panicAverage: 150 }),
  ]);
});

it('shows a decision as it is recorded, also one that this code would not have made', async () => {
  let isBent = false;
  const distort = (event: FlyballEvent): FlyballEvent =>
    isBent && event.type === 'Decided' ? withReplicas(event as FlyballEvent<'Decided'>, 13) : event;
  const story = await tellStory(new RecordedStory({ distort }));
  const { shown, anew, end } = followed(story);
  await expect.poll(() => shown.length).toBeGreaterThan(0);
  isBent = true;
  await story.load(8, 150);
  await expect.poll(() => shown.at(-1)).toMatchObject({ mode: 'panic', desiredReplicas: 13 });
  expect(story.state.workloads['default/web']?.last?.to).not.toBe(13);
  expect(anew.filter(Boolean)).toHaveLength(1);
  await end();
});
