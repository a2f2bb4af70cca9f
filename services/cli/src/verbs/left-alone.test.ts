/** What `get` and `explain` say of workloads that the decider of their partition cannot decide. */
import { type Abilities, holdLeases } from '@flyball/event-log';
import { type RecordedStory, storyWorkload, tellStory } from '@flyball/reading/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { showExplanation } from '../verbs/explain.ts';
import { showWorkloads } from '../verbs/get.ts';

const never = new AbortController().signal;
let stop = new AbortController();

afterEach(() => {
  stop.abort();
  stop = new AbortController();
});

/** Lets a decider that can do this own all partitions of the story. */
const ownedBy = async (story: RecordedStory, abilities?: Abilities): Promise<void> => {
  const holder = holdLeases({
    bucket: story.log.leases,
    stage: 'decider',
    instance: 'old-1',
    partitionCount: story.reader.partitionCount,
    signal: stop.signal,
    onGained: () => {},
    ...(abilities === undefined ? {} : { abilities }),
  });
  await expect.poll(() => holder.partitions.length).toBe(story.reader.partitionCount);
};

const verbs = {
  get: async ({ reader }: RecordedStory) => {
    const terminal = captureTerminal();
    const options = { data: 'unused', output: 'text', watch: false } as const;
    await showWorkloads({ terminal, signal: never }, reader, options);
    return terminal.notes;
  },
  explain: async ({ reader }: RecordedStory) => {
    const terminal = captureTerminal();
    const options = { data: 'unused', output: 'text', workload: storyWorkload } as const;
    await showExplanation({ terminal, signal: never }, reader, options);
    return terminal.notes;
  },
};

describe.each(['get', 'explain'] as const)('%s', (verb) => {
  it('says that the owner of the partition cannot do the algorithm, and which it can', async () => {
    const story = await tellStory();
    await story.begin({ algorithm: 7 });
    await ownedBy(story, { algorithms: [1, 2] });
    expect(await verbs[verb](story)).toEqual([
      'Left as it is, by algorithm 7: default/web; its decider old-1 can do 1, 2.',
    ]);
  });

  it('takes an owner that announces nothing for one that can do the first', async () => {
    const story = await tellStory();
    await story.begin({ algorithm: 2 });
    await ownedBy(story);
    expect(await verbs[verb](story)).toEqual([
      'Left as it is, by algorithm 2: default/web; its decider old-1 can do 1.',
    ]);
  });

  it('says nothing while the owner can, or nobody owns it', async () => {
    const story = await tellStory();
    expect(await verbs[verb](story)).toEqual([]);
    await ownedBy(story, { algorithms: [1, 2] });
    expect(await verbs[verb](story)).toEqual([]);
  });
});
