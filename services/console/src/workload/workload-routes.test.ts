/** What a workload's page asks for: what is kept where that is enough, and what is wrong now. */
import { tellStory } from '@flyball/reading/testing';
import { expect, it } from 'vitest';
import { openConsoleBed } from '../testing/console-bed.ts';
import type { EventsTold } from '../wire.ts';

const dayAndMoreMs = 26 * 3_600_000;

it('says of a workload that is older than a day what there is, and reads it once', async () => {
  const story = await tellStory();
  story.nowMs += dayAndMoreMs;
  await story.pods(3);
  await using bed = await openConsoleBed(story.reader);
  await expect.poll(() => bed.isReady()).toBe(true);
  const readings: string[] = [];
  const { events } = story.log;
  const readToEnd = events.readToEnd.bind(events);
  events.readToEnd = (options) => {
    if (options.filter.includes('.default.web.')) readings.push(options.filter);
    return readToEnd(options);
  };
  const ask = async (query: string): Promise<EventsTold> =>
    (await bed.ask(`/api/workloads/default/web/events${query}`)).body as EventsTold;

  const lately = await ask(`?sinceMs=${story.nowMs - 900_000}&limit=200`);
  expect(lately.events.map(({ type }) => type)).toEqual(['PodAppeared', 'PodReady']);
  expect(lately.more).toBe(false);
  expect(readings).toHaveLength(1);

  expect(await ask(`?sinceMs=${story.nowMs + 1}&limit=200`)).toEqual({ events: [], more: false });
  expect(readings).toHaveLength(2);

  const all = await ask('?limit=2000');
  expect(all.events[0]).toMatchObject({ type: 'WorkloadAppeared' });
  expect([all.events.length > 10, all.more]).toEqual([true, false]);
  const [{ atMs } = { atMs: 0 }] = all.events.slice(5);
  const some = await ask(`?sinceMs=${atMs}&limit=2000`);
  expect(some).toEqual({ events: all.events.filter((one) => one.atMs >= atMs), more: false });
});

it('tells what is wrong with a workload as long as it is, as the fleet does', async () => {
  const story = await tellStory();
  const failed = { decisionId: 'd', attempt: 1, code: 'X', retriable: false } as const;
  await story.event('ScaleFailed', 'actions', { ...failed, to: 3, message: 'no quota' });
  await using bed = await openConsoleBed(story.reader);
  await expect.poll(() => bed.isReady()).toBe(true);
  const problem = async () => (await bed.ask('/api/workloads/default/web')).body;
  expect(await problem()).toMatchObject({ problem: 'The scale was not taken: no quota' });
  const superseded = { to: 3, decisionId: 'd', byDecisionId: 'e' } as const;
  await story.event('ScaleSuperseded', 'actions', superseded);
  await expect.poll(problem).toMatchObject({ problem: null });
});
