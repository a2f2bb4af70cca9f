/** What spans a decider tells: each decision that it stored, in its request's trace or its own. */
import {
  decodeEvent,
  type EventDataByName,
  type EventName,
  type FlyballEvent,
  type Pen,
  partitionFilter,
  type RecordedEvent,
  type WorkloadKey,
} from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import { startMemoryServer } from '@flyball/event-log';
import { beginLife, systemClock } from '@flyball/service';
import { createTeller } from '@flyball/service/testing';
import { attributeNames, contextOf, spanIdOf } from '@flyball/telemetry';
import { type RecordingTelemetry, recordingTelemetry } from '@flyball/telemetry/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startDecider } from './start-decider.ts';

const workload: WorkloadKey = 'default/web';
const startMs = 1_767_225_600_000;
const traceId = '0af7651916cd43dd8448eb211c80319c';
const requestSpanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${requestSpanId}-01`;

type Decided = Extract<RecordedEvent, { type: 'Decided' }>;

let server: ReturnType<typeof startMemoryServer>;
let tell: <Name extends EventName>(type: Name, pen: Pen, data: EventDataByName[Name]) => unknown;
let ends: (() => Promise<void>)[];
let seconds: number;

beforeEach(async () => {
  server = startMemoryServer({ partitionCount: 1 });
  ends = [];
  seconds = 0;
  let told = 0;
  const teller = createTeller(server.connect());
  tell = (type, pen, data) => {
    told += 1;
    const about = { type, pen, partition: 0, id: `s${told}`, source: '/flyball/story', data };
    const of = pen === 'ticks' ? {} : { workload };
    return teller({ ...about, ...of, atMs: startMs + seconds * 1_000 } as unknown as FlyballEvent);
  };
  const appeared = { uid: 'u', replicas: 0, createdAtMs: startMs, adopted: false };
  await tell('WorkloadAppeared', 'platform', { ...appeared, resourceVersion: '1' });
  const policy = { ...storyPolicy, initialScale: 0, scaleToZeroGracePeriodMs: 0 };
  await tell('PolicySet', 'policy', { policy, layers: {}, warnings: [] });
});

afterEach(async () => {
  for (const end of ends) await end();
});

/** A word of the windower on the workload; a poke is for a request that has this trace. */
const say = (kind: 'tick' | 'poke', concurrency: number, by: string | null = null) => {
  seconds += 2;
  const milli = [concurrency * 1_000];
  return tell('TickObserved', 'ticks', {
    ...{ kind, part: 1, parts: 1, samplesThroughSeq: seconds, eventsThroughSeq: 0 },
    rows: {
      ...{ workloads: [workload], stableMilli: milli, panicMilli: milli, seen: ['measured'] },
      coveredAtMs: [startMs + seconds * 1_000],
      inFlight: [kind === 'poke' ? concurrency : null],
      traceparents: [by],
    },
  });
};

const podReady = async (): Promise<void> => {
  const addresses = { address: '127.0.0.2:80', metricsAddress: null, createdAtMs: startMs };
  await tell('PodAppeared', 'platform', { pod: 'p1', ...addresses });
  await tell('PodReady', 'platform', { pod: 'p1' });
};

const begin = async () => {
  const telemetry = recordingTelemetry();
  const { life, drain } = beginLife({
    ...{ service: 'decider', instance: `d${ends.length}`, logger: pino({ level: 'silent' }) },
    ...{ clock: systemClock, random: () => 0.5, telemetry },
    onCrash: (error) => expect(error).toBeUndefined(),
  });
  ends.push(drain);
  await startDecider({ log: server.connect(), life });
  return { telemetry, drain };
};

const decisions = async (): Promise<readonly Decided[]> => {
  const found: Decided[] = [];
  const reading = { filter: partitionFilter(0), afterSeq: 0, signal: AbortSignal.timeout(5_000) };
  for await (const batch of server.connect().events.readToEnd(reading)) {
    for (const { body, subject, seq } of batch) {
      const decoded = decodeEvent(body, subject, seq);
      if (decoded.ok && decoded.event.type === 'Decided') found.push(decoded.event);
    }
  }
  return found;
};

const named = ({ spans }: RecordingTelemetry, name: string) =>
  spans.filter((span) => span.name === name);

/** Waits until so many decisions are recorded; gives the last one. */
const decided = async (count: number): Promise<Decided> => {
  await expect.poll(async () => (await decisions()).length).toBe(count);
  const last = (await decisions()).at(-1);
  if (last === undefined) throw new Error('nothing was decided');
  return last;
};

it('tells the decision of a poked row as a child of its request', async () => {
  const { telemetry } = await begin();
  await say('poke', 5, traceparent);
  const decision = await decided(1);
  await expect.poll(() => named(telemetry, 'decide')).toHaveLength(1);
  expect(named(telemetry, 'decide')[0]).toMatchObject({
    ...{ traceId, spanId: spanIdOf(decision.id), parentSpanId: requestSpanId },
    ...{ kind: 'internal', links: [], error: null },
    attributes: {
      [attributeNames.phase]: 'decide',
      [attributeNames.workload]: workload,
      [attributeNames.eventId]: decision.id,
      [attributeNames.sequence]: decision.seq,
      [attributeNames.to]: decision.data.to,
    },
  });
});

it('tells any other decision in its own trace, linked to the request that waits', async () => {
  const { telemetry } = await begin();
  await say('poke', 5, traceparent);
  await decided(1);
  await say('tick', 30);
  const second = await decided(2);
  await podReady();
  await say('tick', 90);
  const third = await decided(3);
  await expect.poll(() => named(telemetry, 'decide')).toHaveLength(3);
  const [, waited, ready] = named(telemetry, 'decide');
  expect(waited).toMatchObject(contextOf(second));
  expect(waited?.traceId).not.toBe(traceId);
  expect(waited?.parentSpanId).toBeNull();
  expect(waited?.links).toEqual([
    { traceId, spanId: requestSpanId, attributes: { [attributeNames.link]: 'waits' } },
  ]);
  // A pod is there: whoever waited has been let through.
  expect(ready).toMatchObject({ ...contextOf(third), links: [] });
});

it('tells nothing again when it is folded anew, but that it recovered', async () => {
  const first = await begin();
  await say('poke', 5, traceparent);
  await say('tick', 30);
  await decided(2);
  await expect.poll(() => named(first.telemetry, 'decide')).toHaveLength(2);
  await first.drain();
  // Without its snapshot the next one folds the log from its beginning.
  const { snapshots } = server.connect();
  for (const key of await snapshots.keys()) await snapshots.delete(key);
  const second = await begin();
  await expect.poll(() => named(second.telemetry, 'recover')).toHaveLength(1);
  expect(named(second.telemetry, 'recover')[0]).toMatchObject({
    parentSpanId: null,
    attributes: {
      [attributeNames.partition]: 0,
      'flyball.stage': 'decider',
      'flyball.recovered.from': 'log',
      'flyball.recovered.events': server.lastSeq('EVENTS'),
    },
  });
  await podReady();
  await say('tick', 90);
  await decided(3);
  await expect.poll(() => named(second.telemetry, 'decide')).toHaveLength(1);
  const ids = [first, second].flatMap(({ telemetry }) => named(telemetry, 'decide'));
  expect(ids.map(({ spanId }) => spanId)).toEqual(
    (await decisions()).map(({ id }) => spanIdOf(id)),
  );
});
