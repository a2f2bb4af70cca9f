/** What spans an actuator tells: each action on a decision, below it, with what went wrong. */
import { setTimeout as wait } from 'node:timers/promises';
import {
  type EventDataByName,
  type EventName,
  type FlyballEvent,
  type Pen,
  type Routing,
  streams,
  type WorkloadKey,
} from '@flyball/contracts';
import { startMemoryServer } from '@flyball/event-log';
import { createMemoryPlatform, type MemoryPlatform } from '@flyball/platform';
import { beginLife, systemClock } from '@flyball/service';
import { createTeller } from '@flyball/service/testing';
import { attributeNames, type FinishedSpan, spanIdOf, traceparentFrom } from '@flyball/telemetry';
import { recordingTelemetry } from '@flyball/telemetry/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startActuator } from './start-actuator.ts';

const answersAfterMs = 20;
const workload: WorkloadKey = 'default/web';
const startMs = 1_767_225_600_000;
const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

let server: ReturnType<typeof startMemoryServer>;
let platform: MemoryPlatform;
let tell: ReturnType<typeof tellerOf>;
let ends: (() => Promise<void>)[];
let contexts: (string | undefined)[];

const tellerOf = () => {
  const teller = createTeller(server.connect());
  return <Name extends EventName>(
    of: Pick<FlyballEvent<Name>, 'type' | 'id' | 'data'> & { pen: Pen; traceparent?: string },
  ) => {
    const place = { partition: 0, workload, source: '/flyball/story', atMs: startMs };
    return teller({ ...place, ...of } as unknown as FlyballEvent);
  };
};

const decide = (id: string, to: number, routing: Routing, trace?: string): Promise<void> => {
  const data: EventDataByName['Decided'] = {
    ...{ from: 0, to, mode: 'stable', panicSinceMs: null, routing, changed: ['replicas'] },
    ...{ reason: 'r', routingReason: '', binding: 'rate', rules: [], policyId: 'p', algorithm: 1 },
    ...{ excessBurstCapacity: 0, activators: 1 },
    inputs: {
      ...{ stableAverage: 1, panicAverage: 1, inFlight: null, seen: 'measured' },
      ...{ coveredAtMs: startMs, readyPods: 0, startingPods: 0, targetValue: 1, reachable: true },
    },
  };
  const traced = trace === undefined ? {} : { traceparent: trace };
  return tell({ type: 'Decided', pen: 'decisions', id, data, ...traced });
};

beforeEach(async () => {
  server = startMemoryServer({ partitionCount: 1 });
  [ends, contexts] = [[], []];
  tell = tellerOf();
  platform = createMemoryPlatform({ nowMs: () => Date.now() });
  const { uid, resourceVersion } = platform.apply({
    ...{ workload, annotations: {}, containerConcurrency: 0, timeoutSeconds: 300 },
    ...{ reachable: true, replicas: 0 },
  });
  const data = { uid, replicas: 0, createdAtMs: startMs, adopted: false, resourceVersion };
  await tell({ type: 'WorkloadAppeared', pen: 'platform', id: 'w1', data });
});

afterEach(async () => {
  for (const end of ends) await end();
});

const begin = async () => {
  const telemetry = recordingTelemetry();
  const { life, drain } = beginLife({
    ...{ service: 'actuator', instance: `a${ends.length}`, logger: pino({ level: 'silent' }) },
    ...{ clock: systemClock, random: () => 0.5, telemetry },
    onCrash: (error) => expect(error).toBeUndefined(),
  });
  ends.push(drain);
  const scale: MemoryPlatform['scale'] = async (request) => {
    contexts.push(request.traceparent);
    await wait(answersAfterMs);
    return platform.scale(request);
  };
  const slow = { ...platform, scale };
  await startActuator({ log: server.connect(), platform: slow, life, patchesMax: 4 });
  const named = (...names: readonly string[]): readonly FinishedSpan[] =>
    telemetry.spans.filter(({ name }) => names.includes(name));
  return { named, drain };
};

it('tells a scale and a route below their decision, in its request’s trace', async () => {
  const { named } = await begin();
  await decide('d1', 3, 'activator', traceparent);
  await expect.poll(() => named('scale', 'route')).toHaveLength(2);
  const applied = await server.connect().events.last('flyball.events.0.default.web.actions');
  const [scale] = named('scale');
  expect(scale).toMatchObject({
    ...{ traceId, spanId: spanIdOf('d1:s1:actions:default/web'), parentSpanId: spanIdOf('d1') },
    ...{ kind: 'client', error: null },
    attributes: {
      [attributeNames.phase]: 'apply',
      [attributeNames.from]: 0,
      [attributeNames.to]: 3,
      [attributeNames.reason]: 'decided',
      [attributeNames.stream]: streams.events,
    },
  });
  // It lasts as long as the platform took, and a timer never rings before its time.
  expect((scale?.endMs ?? 0) - (scale?.startMs ?? 0)).toBeGreaterThan(answersAfterMs / 2);
  expect(named('route')).toMatchObject([
    {
      ...{ traceId, spanId: spanIdOf('d1:r1:actions:default/web'), parentSpanId: spanIdOf('d1') },
      attributes: { [attributeNames.routing]: 'activator' },
    },
  ]);
  const sequences = named('scale', 'route').map((span) => span.attributes[attributeNames.sequence]);
  expect(Math.max(...sequences.map(Number))).toBe(applied?.seq);
});

it('tells each try that failed, with what the platform said', async () => {
  platform.fail('scale', 'conflict');
  platform.fail('scale', 'timeout');
  platform.fail('route', 'refused');
  const { named } = await begin();
  await decide('d1', 3, 'activator');
  await expect.poll(() => named('scale')).toHaveLength(3);
  expect(named('scale').map(({ error }) => error)).toEqual([
    'the object changed [PLATFORM_CONFLICT]',
    'the platform did not answer in time [PLATFORM_UNREACHABLE]',
    null,
  ]);
  expect(named('scale').map(({ attributes }) => attributes['flyball.attempt'])).toEqual([1, 2, 3]);
  expect(new Set(named('scale').map(({ spanId }) => spanId)).size).toBe(3);
  const toldContexts = named('scale').map((span) => traceparentFrom(span));
  expect(contexts).toEqual(toldContexts);
  // A decision without a request begins a trace, and what is done about it is in that one.
  const [{ traceId: own = '' } = {}] = named('scale');
  expect(named('scale', 'route').every((span) => span.traceId === own)).toBe(true);
  expect(named('scale', 'route').every((span) => span.parentSpanId === spanIdOf('d1'))).toBe(true);
  await expect
    .poll(() => named('route').map(({ error }) => error))
    .toEqual(['the platform refused (403) [PLATFORM_REFUSED]']);
});

it('tells nothing again of what an owner before it has done', async () => {
  const first = await begin();
  await decide('d1', 3, 'activator');
  await expect.poll(() => first.named('scale', 'route')).toHaveLength(2);
  await first.drain();
  const { snapshots } = server.connect();
  for (const key of await snapshots.keys()) await snapshots.delete(key);
  const second = await begin();
  await expect.poll(() => second.named('recover')).toHaveLength(1);
  await decide('d2', 4, 'activator');
  await expect.poll(() => second.named('scale')).toHaveLength(1);
  expect(second.named('scale', 'route')).toMatchObject([{ parentSpanId: spanIdOf('d2') }]);
  expect(second.named('recover')).toMatchObject([
    { attributes: { 'flyball.stage': 'actuator', 'flyball.recovered.from': 'log' } },
  ]);
});
