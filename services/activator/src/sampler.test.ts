/** What an activator says of its seconds: rows, zero, nothing, and what it could not measure. */
import { decodeSamples, type SamplesReportedData } from '@flyball/contracts';
import { type Append, openMemoryEventLog } from '@flyball/event-log';
import { rowSpansMax } from '@flyball/telemetry';
import { expect, test } from 'vitest';
import { createSampler, keepForMs } from './sampler.ts';
import {
  followedTraceparent,
  openWorkloads,
  startMs,
  storyRequest,
} from './testing/workloads-of-story.ts';

const openSampler = (partitionCount = 1) => {
  const workloads = openWorkloads();
  const sent: (Append & { readonly keptMs: number })[] = [];
  const stored: (readonly [id: string, told: readonly string[], seq: number | null])[] = [];
  const sampler = createSampler({
    identity: workloads.identity,
    partitionCount,
    nowMs: () => workloads.clock.nowMs,
    upstreams: () => workloads.upstreams.all(),
    send: (batch, keptMs, onStored) => {
      sent.push({ ...batch, keptMs });
      onStored?.(sent.length);
    },
    onStored: ({ id, data: { rows } }, seq) => void stored.push([id, rows.workloads, seq]),
  });
  const data = (): SamplesReportedData[] =>
    sent.map(({ body, subject }) => {
      const decoded = decodeSamples(body, subject, 1);
      if (!decoded.ok) throw new Error(decoded.reason);
      return decoded.event.data;
    });
  return { ...workloads, sampler, sent, stored, data };
};

test('a busy second is its average, and names the source, the second and the request', () => {
  const story = openSampler();
  const web = story.appear('default/web', { desiredReplicas: 1 });
  story.clock.nowMs = startMs + 250;
  story.start(web);
  web.holding.hold(storyRequest());
  story.clock.nowMs = startMs + 1_020;
  story.sampler.tellSecond(startMs);
  expect(story.sent[0]).toMatchObject({
    id: `activator-1-boot:0:${startMs}:1`,
    subject: 'flyball.samples.0',
    keptMs: keepForMs.second,
  });
  expect(story.data()).toEqual([
    {
      source: 'activator-1-boot',
      secondAtMs: startMs,
      partial: false,
      rows: {
        workloads: ['default/web'],
        concurrencyMilli: [750],
        requestsMilli: [1_000],
        inFlight: [1],
        traceparents: [followedTraceparent],
      },
      covered: [],
    },
  ]);
});

test('asked for replicas but idle: covered; neither asked for nor used: not a word', () => {
  const story = openSampler();
  story.appear('default/asked', { desiredReplicas: 1 });
  story.appear('default/zero', { desiredReplicas: 0 });
  story.clock.nowMs = startMs + 1_010;
  story.sampler.tellSecond(startMs);
  expect(story.data().map(({ covered, rows }) => [covered, rows.workloads])).toEqual([
    [['default/asked'], []],
  ]);
});

test('a burst that begins just after a second does not dilute itself by it', () => {
  const story = openSampler();
  const web = story.appear('default/web');
  story.clock.nowMs = startMs + 1_005;
  story.start(web);
  story.clock.nowMs = startMs + 1_030;
  story.sampler.tellSecond(startMs);
  expect(story.sent).toEqual([]);
});

test('after a clock was set back the seconds are blind, not idle', () => {
  const story = openSampler();
  story.clock.nowMs = startMs + 100_000;
  const web = story.appear('default/web', { desiredReplicas: 1 });
  story.clock.nowMs = startMs + 150_000;
  story.start(web);
  story.sampler.tellSecond(startMs + 110_000);
  expect(story.data()[0]?.rows.concurrencyMilli).toEqual([null]);
  expect(story.data()[0]?.covered).toEqual([]);
});

test('a second told again after a clock was set back is not taken for the same', async () => {
  const story = openSampler();
  const web = story.appear('default/web', { desiredReplicas: 1 });
  story.start(web);
  const { samples } = openMemoryEventLog();
  for (const clockMs of [startMs + 31_000, startMs + 1_000, startMs + 31_000]) {
    story.clock.nowMs = clockMs;
    story.sampler.tellSecond(clockMs - 1_000);
  }
  for (const batch of story.sent) await samples.append(batch);
  expect((await samples.state()).messages).toBe(3);
  const ends = story.data().map(({ secondAtMs }) => secondAtMs - startMs);
  expect(ends).toEqual([30_000, 0, 30_000]);
});

test('an instant sample is the level of the moment, under an id of its own', () => {
  const story = openSampler();
  const web = story.appear('default/web');
  story.clock.nowMs = startMs + 400;
  story.start(web);
  story.start(web);
  web.holding.hold(storyRequest());
  story.sampler.tellNow([[web, 2]]);
  story.sampler.tellNow([[web, 2]]);
  expect(story.sent.map(({ id, keptMs }) => [id, keptMs])).toEqual([
    [`activator-1-boot:0:${startMs}:1`, keepForMs.level],
    [`activator-1-boot:0:${startMs}:2`, keepForMs.level],
  ]);
  expect(story.data()[0]).toMatchObject({
    partial: true,
    rows: { concurrencyMilli: [2_000], inFlight: [2], traceparents: [followedTraceparent] },
  });
  expect(web.coldStart?.sampledAtMs).toBe(startMs + 400);
});

test('whose request is being answered tells of others: without its trace', () => {
  const story = openSampler();
  const web = story.appear('default/web');
  story.start(web);
  web.holding.hold(storyRequest());
  const { coldStart } = web;
  if (coldStart === null) throw new Error('no cold start has begun');
  coldStart.firstByteAtMs = startMs + 300;
  story.clock.nowMs = startMs + 900;
  story.sampler.tellNow([[web, 1]]);
  story.clock.nowMs = startMs + 1_020;
  story.sampler.tellSecond(startMs);
  expect(story.data().map(({ rows }) => rows.traceparents)).toEqual([[null], [null]]);
  expect(story.sent.map(({ traceparent }) => traceparent)).toEqual([undefined, undefined]);
  expect(story.stored).toEqual([]);
  expect(coldStart.sampledAtMs).toBeNull();
});

test('each partition gets its own batch', () => {
  const story = openSampler(64);
  for (let at = 0; at < 20; at += 1) story.appear(`default/web-${at}`, { desiredReplicas: 1 });
  story.clock.nowMs = startMs + 1_010;
  story.sampler.tellSecond(startMs);
  const subjects = story.sent.map(({ subject }) => subject);
  expect(new Set(subjects).size).toBe(subjects.length);
  expect(story.data().flatMap(({ covered }) => covered)).toHaveLength(20);
});

test('of a burst over many workloads no more is kept until it is stored than is told', () => {
  const story = openSampler();
  const waiting = Array.from({ length: 2 * rowSpansMax }, (_, at) => {
    const one = story.appear(`default/web-${at}`);
    story.start(one);
    if (at > 0) one.holding.hold(storyRequest());
    return one;
  });
  story.sampler.tellNow(waiting.map((one) => [one, 1] as const));
  const names = Array.from({ length: rowSpansMax }, (_, at) => `default/web-${at + 1}`);
  expect(story.stored).toEqual([[`activator-1-boot:0:${startMs}:1`, names, 1]]);
});

test('what is stored is told for those whose requests wait for a decision only', () => {
  const story = openSampler();
  const [waits, decided, serves] = ['waits', 'decided', 'serves'].map((name) => {
    const one = story.appear(`default/${name}`);
    story.start(one);
    if (name !== 'serves') one.holding.hold(storyRequest());
    return one;
  });
  story.clock.nowMs = startMs + 20;
  story.appear('default/decided', { desiredReplicas: 1, decidedAtMs: startMs + 10 });
  if (waits === undefined || decided === undefined || serves === undefined) throw new Error();
  story.sampler.tellNow([
    [decided, 1],
    [waits, 1],
    [serves, 1],
  ]);
  story.sampler.tellNow([[serves, 1]]);
  expect(story.sent).toHaveLength(2);
  expect(story.stored).toEqual([[`activator-1-boot:0:${startMs}:1`, ['default/waits'], 1]]);
});
