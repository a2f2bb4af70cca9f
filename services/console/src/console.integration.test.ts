/** The console over real NATS, as the user that may only read; through restarts and a new log. */
import { request } from 'node:http';
import { natsPermissions } from '@flyball/contracts';
import { connectEventLog, createStreams, type EventLog } from '@flyball/event-log';
import {
  availableNatsServers,
  type RunningNatsServer,
  startNatsServer,
} from '@flyball/event-log/testing';
import { explainWorkload } from '@flyball/reading';
import { RecordedStory, startMs, tellStory } from '@flyball/reading/testing';
import { contextOf, startTelemetry } from '@flyball/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConsoleBed,
  firstEvent,
  openConsoleBed,
  type ToldMessage,
} from './testing/console-bed.ts';
import type { EventsTold, FleetTold, Series, TraceSummary, TraceTold } from './wire.ts';

const password = 'only-for-tests';
const users = (['admin', 'reader'] as const).map((user) => ({
  ...{ user, password, permissions: natsPermissions(user) },
}));
const configText = `authorization: { users: ${JSON.stringify(users)} }`;
const { signal } = new AbortController();
const web = '/api/workloads/default/web';
const waitMs = { timeout: 30_000 };

const startServer = async (): Promise<RunningNatsServer> => {
  const binary = (await availableNatsServers()).at(-1);
  if (binary === undefined) throw new Error('No nats-server is installed: `npm run setup`.');
  return startNatsServer({ binary, configText });
};
const connectAs = ({ url }: RunningNatsServer, user: 'admin' | 'reader'): Promise<EventLog> =>
  connectEventLog({ servers: url, user, password, name: 'test' });
const makeStreams = ({ url }: RunningNatsServer, partitionCount = 8): Promise<unknown> =>
  createStreams({ servers: url, user: 'admin', password, name: 'set-up' }, { partitionCount });

const fleetUrl = ({ url }: ConsoleBed): URL => new URL('/api/fleet', url);

/** The row of the workload, once it is as wanted. */
const fleetRow = async (bed: ConsoleBed, isWanted: (row: FleetTold['rows'][number]) => boolean) => {
  const { data } = await firstEvent(
    fleetUrl(bed),
    ({ event, data: { rows } }) =>
      event !== 'away' && (rows as FleetTold['rows']).some((row) => isWanted(row)),
    waitMs.timeout,
  );
  return (data.rows as FleetTold['rows']).find(isWanted);
};

describe('over a recorded story', () => {
  let server: RunningNatsServer;
  let story: RecordedStory;
  let bed: ConsoleBed;
  const logs: EventLog[] = [];

  beforeAll(async () => {
    server = await startServer();
    await makeStreams(server);
    logs.push(await connectAs(server, 'admin'), await connectAs(server, 'reader'));
    const [admin, reader] = logs;
    if (admin === undefined || reader === undefined) throw new Error('both are connected');
    story = await tellStory(new RecordedStory({ log: admin }));
    bed = await openConsoleBed({ log: reader, clock: story.reader.clock });
  });
  afterAll(async () => {
    await bed[Symbol.asyncDispose]();
    await Promise.all(logs.map((log) => log.close()));
    await server.stop();
    expect(bed.crashes).toEqual([]);
  });

  it('shows the replicas, the burst, and what explains them', async () => {
    await expect.poll(() => bed.isReady(), waitMs).toBe(true);
    const row = await fleetRow(bed, ({ name }) => name === 'web');
    expect(row).toMatchObject({ ready: 2, stable: 12, seen: 'measured', problem: null });
    const { body } = await bed.ask(`${web}?sinceMs=${startMs}`);
    const { concurrency, ready, panics } = body as Series;
    expect(Math.max(...concurrency.map(([, value]) => value ?? 0))).toBe(50);
    expect(concurrency.at(-1)).toEqual([story.nowMs - 1_000, 12]);
    expect(ready.map(([, count]) => count)).toEqual(expect.arrayContaining([1, 5, 2]));
    expect(panics).toHaveLength(1);
    for (const atMs of [startMs + 6_000, startMs + 100_000]) {
      const explained = await bed.ask(`${web}/explain?atMs=${atMs}`);
      const { explanation } = await explainWorkload(story.reader, 'default/web', { atMs, signal });
      expect(explained.body).toEqual(JSON.parse(JSON.stringify(explanation)));
    }
  });

  it('takes spans in protobuf and in JSON, and finds the events of their trace', async () => {
    const { events } = (await bed.ask(`${web}/events?limit=2000`)).body as EventsTold;
    const decided = events.find(({ type }) => type === 'Decided');
    if (decided?.traceId == null) throw new Error('a decision is told, in a trace');
    const { traceId, spanId } = contextOf({ id: decided.id, data: {} } as never);
    expect(traceId).toBe(decided.traceId);
    const telemetry = await startTelemetry({
      ...{ service: 'decider', instance: '1', tracesUrl: bed.url, env: {} },
    });
    telemetry.tell({
      ...{ traceId, spanId, parentSpanId: null, name: 'decide', kind: 'internal', links: [] },
      ...{ startMs: decided.atMs, endMs: decided.atMs + 3, error: null },
      attributes: { 'flyball.phase': 'decide', 'flyball.workload': 'default/web' },
    });
    await telemetry.close();
    const child = {
      ...{ traceId, spanId: 'aaaaaaaaaaaaaaaa', parentSpanId: spanId, name: 'scale', kind: 3 },
      startTimeUnixNano: `${decided.atMs + 1}000000`,
      endTimeUnixNano: `${decided.atMs + 9}000000`,
    };
    const told = await fetch(`${bed.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [child] }] }] }),
    });
    expect(told.status).toBe(200);

    const list = (await bed.ask('/api/traces?workload=default/web')).body as TraceSummary[];
    expect(list).toEqual([
      expect.objectContaining({ traceId, kind: 'decision', spans: 2, durationMs: 9 }),
    ]);
    expect((await bed.ask('/api/traces?minMs=10')).body).toEqual([]);
    const { body } = await bed.ask(`/api/traces/${traceId.slice(0, 12)}`);
    const trace = body as TraceTold;
    expect(trace.spans.map(({ name, service }) => [name, service])).toEqual([
      ['decide', 'flyball-decider'],
      ['scale', ''],
    ]);
    expect(trace.events).toEqual([decided]);
  });

  it('refuses spans that are none, a name that is not its own, and what is too large', async () => {
    const post = (type: string, body: string) =>
      fetch(`${bed.url}/v1/traces`, { method: 'POST', headers: { 'content-type': type }, body });
    expect((await post('application/json', '{"resourceSpans":7}')).status).toBe(400);
    expect((await post('text/plain', '{}')).status).toBe(415);
    const large = await post('application/json', ' '.repeat(5_000_000));
    expect([large.status, await large.json()]).toMatchObject([
      413,
      { error: { code: 'TOO_LARGE' } },
    ]);
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${bed.url}/api/traces`, { headers: { host: 'evil.example.com' } });
      asked.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
      asked.end();
    });
    expect(status).toBe(403);
    const { headers } = await fetch(bed.url);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

it('waits for its streams, lives through a restart of NATS, and sees a log made anew', async () => {
  await using server = await startServer();
  await server.keepStore();
  const log = await connectAs(server, 'reader');
  const clock = new RecordedStory().reader.clock;
  await using bed = await openConsoleBed({ log, clock });
  expect(await bed.ask(web)).toMatchObject({ status: 503, body: { error: { code: 'LOG_AWAY' } } });
  expect(bed.isReady()).toBe(false);

  await makeStreams(server);
  await expect.poll(() => bed.isReady(), waitMs).toBe(true);
  const admin = await connectAs(server, 'admin');
  const story = await new RecordedStory({ log: admin }).begin();
  await story.load(4, 20);
  await fleetRow(bed, ({ stable }) => stable !== null && stable > 0);

  await server.restart();
  await story.pods(3);
  await fleetRow(bed, ({ ready }) => ready === 3);
  expect((await bed.ask(`${web}?sinceMs=${startMs}`)).status).toBe(200);

  // Another log, cut into other partitions, with another history of the same workload.
  await server.goBack();
  await makeStreams(server, 4);
  await expect
    .poll(async () => (await bed.ask(web)).body, waitMs)
    .toMatchObject({ error: { code: 'UNKNOWN_WORKLOAD' } });
  const fourPartitions = ({ data }: ToldMessage) =>
    JSON.stringify(data.tickAtMs) === '[null,null,null,null]';
  const { data } = await firstEvent(fleetUrl(bed), fourPartitions, waitMs.timeout);
  expect(data).toMatchObject({ rows: [], more: 0 });
  await expect.poll(() => bed.isReady(), waitMs).toBe(true);
  expect(bed.crashes).toEqual([]);
  await Promise.all([admin.close(), log.close()]);
}, 120_000);
