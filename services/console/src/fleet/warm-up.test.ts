/** Of a log that has seen many starts of activators, no more is read than may still hold. */
import {
  chainStart,
  encodeEvent,
  eventFrom,
  type FlyballEvent,
  subjectOf,
} from '@flyball/contracts';
import { RecordedStory, startMs } from '@flyball/reading/testing';
import { expect, it } from 'vitest';
import { readLastWords } from './warm-up.ts';

const counts = { held: 3, released: 0, timedOut: 0, shed: 0, abandoned: 0, waitedMaxMs: 0 };

const countFrom = ({ partition, workload }: RecordedStory, boot: number) =>
  eventFrom({
    ...{ type: 'RequestsCounted', pen: 'requests', workload, partition },
    ...{ source: `/flyball/activator/gw0-b${boot}`, data: { ...counts, waiting: boot } },
    cause: { id: `activator-gw0-b${boot}:1`, atMs: startMs + boot },
  });

it('reads what the newest activators of a workload counted, and what else holds', async () => {
  const story = await new RecordedStory().begin();
  const append = async (event: FlyballEvent, instance: string): Promise<void> => {
    const { body } = encodeEvent(event, chainStart);
    await story.log.events.append({ subject: subjectOf(event, instance), id: event.id, body });
  };
  for (let boot = 0; boot < 40; boot += 1) await append(countFrom(story, boot), `gw0-b${boot}`);
  await story.event('RequestsLost', 'lost', { instance: 'gw0-b39', lost: 39, lastCountId: 'c' });
  let reads = 0;
  const { events } = story.log;
  const at = events.at.bind(events);
  events.at = (seq) => {
    reads += 1;
    return at(seq);
  };
  const { signal } = new AbortController();
  const words = await readLastWords(story.reader, story.partition, signal);
  const newest = Array.from({ length: 16 }, (_, index) => `/flyball/activator/gw0-b${24 + index}`);
  const told = words.filter(({ type }) => type === 'RequestsCounted');
  expect(told.map(({ source }) => source)).toEqual(newest);
  expect(words.map(({ type }) => type)).toEqual([
    ...['PolicySet', ...newest.map(() => 'RequestsCounted'), 'RequestsLost'],
  ]);
  expect(reads).toBe(words.length);
});
