/** A console that starts shows what one that was there all along does, and reads little for it. */
import {
  chainStart,
  type EventDataByName,
  encodeEvent,
  eventFrom,
  type FlyballEvent,
  subjectOf,
} from '@flyball/contracts';
import { RecordedStory, startMs } from '@flyball/reading/testing';
import { beforeEach, expect, it } from 'vitest';
import { createPartitionFleet } from './partition-fleet.ts';
import { readBefore } from './warm-up.ts';

const counts = { held: 3, released: 0, timedOut: 0, shed: 0, abandoned: 0, waitedMaxMs: 0 };
const { signal } = new AbortController();
let story: RecordedStory;

beforeEach(async () => {
  story = await new RecordedStory().begin();
});

/** An activator writes; every start of one is another instance. */
const told = async <Name extends 'RequestsCounted' | 'ColdStartCompleted' | 'WakeRequested'>(
  type: Name,
  instance: string,
  data: EventDataByName[Name],
): Promise<void> => {
  const { workload, partition } = story;
  const cause = { id: `activator-${instance}:${type}`, atMs: startMs };
  const source = `/flyball/activator/${instance}`;
  const event = eventFrom({ type, pen: 'requests', workload, partition, source, cause, data });
  const { body } = encodeEvent(event as FlyballEvent, chainStart);
  const subject = subjectOf(event as FlyballEvent, instance);
  await story.log.events.append({ subject, id: event.id, body });
};
const counted = (instance: string, waiting: number): Promise<void> =>
  told('RequestsCounted', instance, { ...counts, waiting });
const lost = (instance: string): Promise<void> =>
  story.event('RequestsLost', 'lost', { instance, lost: 1, lastCountId: 'c' });

/** What a console that starts now shows. */
const row = async () => {
  const fleet = createPartitionFleet(story.partition);
  const before = await readBefore(story.reader, story.state, signal);
  fleet.begin({ state: story.state, events: [], isAnew: true }, before, []);
  return fleet.rows()[0]?.[1];
};

it('reads what the newest activators of a workload counted, and what else holds', async () => {
  for (let boot = 0; boot < 40; boot += 1) await counted(`gw0-b${boot}`, boot);
  await lost('gw0-b39');
  let reads = 0;
  const { events } = story.log;
  const at = events.at.bind(events);
  events.at = (seq) => {
    reads += 1;
    return at(seq);
  };
  const words = await readBefore(story.reader, story.state, signal);
  const newest = Array.from({ length: 16 }, (_, index) => `/flyball/activator/gw0-b${24 + index}`);
  const ofCounts = words.filter(({ type }) => type === 'RequestsCounted');
  expect(ofCounts.map(({ source }) => source)).toEqual(newest);
  expect(words.map(({ type }) => type)).toEqual([
    ...['PolicySet', ...newest.map(() => 'RequestsCounted'), 'RequestsLost'],
  ]);
  expect(reads).toBe(words.length);
});

it('reads nothing but last words of a workload that is well', async () => {
  await story.load(4, 5);
  await story.pods(story.state.workloads[story.workload]?.last?.to ?? 0);
  const routing = story.state.workloads[story.workload]?.last?.routing ?? 'pods';
  const applied = { routing, decisionId: 'd', appliedAtMs: startMs };
  await story.event('RoutingApplied', 'actions', applied);
  await counted('gw0-b0', 5);
  await counted('gw0-b1', 0);
  await lost('gw0-b0');
  story.log.events.readToEnd = () => {
    throw new Error('there is nothing behind the last words');
  };
  expect(await row()).toMatchObject({ waiting: 0, problem: null });
});

it('has no request waiting at any of the activators that were lost', async () => {
  await counted('gw0-b1', 5);
  await counted('gw1-b1', 3);
  await counted('gw2-b1', 2);
  await lost('gw0-b1');
  await lost('gw1-b1');
  expect(await row()).toMatchObject({ waiting: 2 });
});

it('has the requests that wait at an activator which told something else since', async () => {
  await counted('gw0-b1', 4);
  await told('WakeRequested', 'gw0-b1', { waiting: 1, waitingSinceMs: startMs });
  expect(await row()).toMatchObject({ waiting: 4 });
});

it('says why pods cannot run, however long ago that was told', async () => {
  await story.pods(2);
  await story.event('PodUnready', 'platform', { pod: 'web-0', reason: 'crashed', message: 'exit' });
  await story.event('PodUnready', 'platform', { pod: 'web-1', reason: 'crashed', message: 'exit' });
  await story.event('PodReady', 'platform', { pod: 'web-1' });
  expect(await row()).toMatchObject({ problem: '1 pod cannot run; web-0: exit' });
});

it('says that the scale was not taken when the routing was, and the other way round', async () => {
  await story.load(4, 50);
  const failed = { decisionId: 'd', attempt: 1, code: 'X', retriable: false } as const;
  const applied = { routing: 'pods', decisionId: 'd', appliedAtMs: startMs } as const;
  await story.event('ScaleFailed', 'actions', { ...failed, to: 3, message: 'no quota' });
  await story.event('RoutingApplied', 'actions', applied);
  expect(await row()).toMatchObject({ problem: 'The scale was not taken: no quota' });
  const refused = { ...failed, routing: 'activator', message: 'no route' } as const;
  await story.event('RoutingFailed', 'actions', refused);
  const superseded = { to: 3, decisionId: 'd', byDecisionId: 'e' } as const;
  await story.event('ScaleSuperseded', 'actions', superseded);
  expect(await row()).toMatchObject({ problem: 'The routing was not taken: no route' });
});

it('stays with the last words where it takes too long to read what is behind them', async () => {
  await story.pods(1);
  await story.event('PodUnready', 'platform', { pod: 'web-0', reason: 'crashed', message: 'exit' });
  await counted('gw0-b1', 4);
  const { reader } = story;
  const over: typeof reader.clock.after = (_delayMs, action) => {
    action();
    return () => undefined;
  };
  const late = { ...reader, clock: { ...reader.clock, after: over } };
  const words = await readBefore(late, story.state, signal);
  expect(words.map(({ type }) => type)).toEqual(['PolicySet', 'RequestsCounted']);
});
