/** The console over a told history: what it shows is what was recorded. */
import {
  chainStart,
  defaultPartitionCount,
  encodeEvent,
  eventFrom,
  partitionOf,
  subjectOf,
  type WorkloadKey,
} from '@flyball/contracts';
import { openMemoryEventLog } from '@flyball/event-log';
import { explainWorkload } from '@flyball/reading';
import { RecordedStory, startMs, tellStory } from '@flyball/reading/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type ConsoleBed,
  firstEvent,
  openConsoleBed,
  type ToldMessage,
} from './testing/console-bed.ts';
import type { EventsTold, FleetTold, Series } from './wire.ts';

const { signal } = new AbortController();
const web = '/api/workloads/default/web';
let story: RecordedStory;
let bed: ConsoleBed;

beforeAll(async () => {
  story = await tellStory(new RecordedStory());
  bed = await openConsoleBed(story.reader);
  await vi.waitFor(() => expect(bed.isReady()).toBe(true), { timeout: 15_000 });
}, 30_000);
afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  expect(bed.crashes).toEqual([]);
});

const seriesOf = async (query = ''): Promise<Series> => {
  const { status, body } = await bed.ask(`${web}?sinceMs=${startMs}${query}`);
  expect(status).toBe(200);
  return body as Series;
};

describe('the fleet', () => {
  it('tells every workload as the decider knows it', async () => {
    const { data } = await firstEvent(new URL('/api/fleet', bed.url), () => true);
    const { rows, more, tickAtMs } = data as unknown as FleetTold;
    expect(more).toBe(0);
    expect(tickAtMs).toContain(story.state.tick.atMs);
    const known = story.state.workloads['default/web'];
    expect(rows).toEqual([
      expect.objectContaining({
        namespace: 'default',
        name: 'web',
        partition: story.partition,
        ready: 2,
        desired: known?.last?.to,
        stable: known?.stableAverage,
        target: 10,
        targetUse: (known?.stableAverage ?? 0) / 20,
        seen: 'measured',
        waiting: 0,
        problem: null,
        dataAtMs: story.state.tick.atMs,
      }),
    ]);
    expect(rows[0]?.spark.length).toBeGreaterThan(5);
  });

  it('tells every browser that comes what cannot be seen, also that all is seen', async () => {
    const isAway = ({ event }: ToldMessage): boolean => event === 'away';
    const { data } = await firstEvent(new URL('/api/fleet', bed.url), isAway);
    expect(data.reason).toBeNull();
  });
});

describe('a workload', () => {
  it('has the burst in its load, also where it is not in a minute yet', async () => {
    const { concurrency, metric, toMs, fromMs } = await seriesOf();
    expect([metric, fromMs, toMs]).toEqual(['concurrency', startMs, story.reader.clock.nowMs()]);
    const loads = new Map(concurrency);
    expect(loads.get(startMs)).toBe(0);
    expect(loads.get(startMs + 10_000)).toBe(50);
    expect(loads.get(startMs + 30_000)).toBe(12);
    // The last second is of the running minute.
    expect(concurrency.at(-1)).toEqual([story.nowMs - 1_000, 12]);
    const times = concurrency.map(([atMs]) => atMs);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('has its replicas as steps, and the panic of the burst', async () => {
    const { wanted, ready, target, panics, stable, panic } = await seriesOf();
    expect(Math.max(...wanted.map(([, count]) => count))).toBeGreaterThanOrEqual(5);
    expect(Math.max(...ready.map(([, count]) => count))).toBe(5);
    expect(ready.at(-1)?.[1]).toBe(2);
    expect(target.at(-1)?.[1]).toBe(20);
    expect(panics).toEqual([[expect.any(Number), expect.any(Number)]]);
    expect(Math.max(...panic.map(([, value]) => value ?? 0))).toBe(50);
    expect(stable.at(-1)).toEqual([story.state.tick.atMs, 12]);
  });

  it('tells of a part what the whole tells of it', async () => {
    const whole = await seriesOf();
    const since = startMs + 60_000;
    const { status, body } = await bed.ask(`${web}?sinceMs=${since}&untilMs=${since + 20_000}`);
    expect(status).toBe(200);
    const part = body as Series;
    const within = ([atMs]: readonly [number, unknown]) => atMs >= since && atMs <= since + 20_000;
    expect(part.concurrency).toEqual(whole.concurrency.filter(within));
    expect(part.ready[0]).toEqual([since, 5]);
  });

  it('tells of the last day also whose clock is behind, and of no more', async () => {
    const hourMs = 3_600_000;
    const nowMs = story.reader.clock.nowMs();
    const last = (ms: number) => bed.ask(`${web}?sinceMs=${nowMs - ms}`);
    expect(await last(24 * hourMs + 5_000)).toMatchObject({ status: 200, body: { toMs: nowMs } });
    expect(await last(25 * hourMs)).toMatchObject({ status: 200 });
    expect(await last(25 * hourMs + 1)).toMatchObject({ status: 400 });
  });

  it('is explained as the command line explains it, now and then', async () => {
    for (const atMs of [undefined, startMs + 30_000]) {
      const query = atMs === undefined ? '' : `?atMs=${atMs}`;
      const { body } = await bed.ask(`${web}/explain${query}`);
      const { explanation } = await explainWorkload(story.reader, 'default/web', { atMs, signal });
      expect(body).toEqual(JSON.parse(JSON.stringify(explanation)));
    }
  });

  it('has its newest events, and says that there are more', async () => {
    const all = (await bed.ask(`${web}/events?limit=2000`)).body as EventsTold;
    expect(all.more).toBe(false);
    expect(all.events[0]).toMatchObject({ type: 'WorkloadAppeared', sentence: 'new, 0 replicas' });
    const decided = all.events.find(({ type }) => type === 'Decided');
    expect(decided?.traceId).toMatch(/^[0-9a-f]{32}$/);
    const few = (await bed.ask(`${web}/events?limit=2`)).body as EventsTold;
    expect(few).toEqual({ events: all.events.slice(-2), more: true });
  });
});

it('tells of two days ago what it told then', async () => {
  const query = `?sinceMs=${startMs}&untilMs=${story.nowMs}`;
  const { clock } = story.reader;
  const laterMs = clock.nowMs() + 172_800_000;
  await using later = await openConsoleBed({
    log: story.log,
    clock: { ...clock, nowMs: () => laterMs },
  });
  await expect.poll(() => later.isReady()).toBe(true);
  for (const path of [web, `${web}/events`]) {
    const then = await bed.ask(`${path}${query}`);
    expect(then.status).toBe(200);
    expect(await later.ask(`${path}${query}`)).toEqual(then);
  }
});

it('tells that something moved, when it does', async () => {
  const moving = await new RecordedStory().begin();
  await using moved = await openConsoleBed(moving.reader);
  await expect.poll(() => moved.isReady()).toBe(true);
  const told: ToldMessage[] = [];
  const hearing = firstEvent(new URL(`${web}/changes`, moved.url), (message) => {
    told.push(message);
    return told.length === 2;
  });
  // Whoever begins to listen does not know what moved before.
  await expect.poll(() => told).toEqual([{ event: 'moved', data: { atMs: null } }]);
  await moving.pods(1);
  expect(await hearing).toMatchObject({ event: 'moved', data: { atMs: expect.any(Number) } });
});

it('shows what is recorded while the decider is silent, as it says', async () => {
  const quiet = await tellStory();
  await using shown = await openConsoleBed(quiet.reader);
  await expect.poll(() => shown.isReady()).toBe(true);
  const recorded = quiet.state.workloads['default/web']?.last;
  quiet.deciderRuns = false;
  await quiet.load(8, 150);
  const url = new URL('/api/fleet', shown.url);
  const isNewest = ({ data: { rows } }: ToldMessage): boolean =>
    (rows as FleetTold['rows'] | undefined)?.[0]?.panic === 150;
  const { data } = await firstEvent(url, isNewest);
  expect(recorded).toMatchObject({ to: 2, mode: 'stable' });
  expect((data.rows as FleetTold['rows'])[0]).toMatchObject({
    ...{ desired: 2, mode: 'stable', routing: recorded?.routing, decidedAtMs: recorded?.atMs },
  });
  const { data: away } = await firstEvent(url, ({ event }) => event === 'away');
  expect(away.reason).toMatch(/^The decider of partition \d+ is silent: shown is what is recorded/);
});

it('serves its page, each file as what it is, and nothing that may be kept', async () => {
  for (const [path, type] of [
    ['/', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/icon.svg', 'image/svg+xml'],
  ] as const) {
    const { status, headers } = await fetch(new URL(path, bed.url));
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      ...[200, type, 'no-store'],
    ]);
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
  }
});

describe('what cannot be answered', () => {
  it.each([
    ['/api/workloads/default/wbe', 404, 'UNKNOWN_WORKLOAD', 'Did you mean default/web?'],
    [`${web}?sinceMs=yesterday`, 400, 'BAD_REQUEST', 'sinceMs="yesterday" is wrong: give a whole'],
    [`${web}?since=1`, 400, 'BAD_REQUEST', 'since is not a parameter of this: sinceMs, untilMs.'],
    [`${web}?sinceMs=0`, 400, 'BAD_REQUEST', 'too far apart'],
    [`${web}/events?limit=0`, 400, 'BAD_REQUEST', 'from 1 to 2000'],
    ['/api/workloads/De_fault/web', 400, 'BAD_REQUEST', 'is no workload'],
    ['/api/traces?kind=slow', 400, 'BAD_REQUEST', 'one of cold start, decision, request, other'],
    ['/api/traces/xyz', 400, 'BAD_REQUEST', 'up to 32 hex digits'],
    ['/api/traces/abc', 404, 'UNKNOWN_TRACE', 'No trace that is kept begins with abc'],
    ['/api/nothing', 404, 'UNKNOWN_ADDRESS', 'There is no GET /api/nothing here.'],
  ])('%s is %i', async (path, status, code, sentence) => {
    const answer = await bed.ask(path);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect((answer.body as { error: { message: string } }).error.message).toContain(sentence);
  });

  it('names those that come nearest', async () => {
    const { body } = await bed.ask('/api/workloads/default/wbe');
    expect(body).toMatchObject({ error: { nearest: ['default/web'] satisfies WorkloadKey[] } });
  });
});

it('tells a thousand workloads at once in less than a page with pictures', async () => {
  const log = openMemoryEventLog();
  const many = new RecordedStory({ log });
  const names = Array.from({ length: 1_000 }, (_, at): WorkloadKey => `default/service-${at}`);
  for (const [at, name] of names.entries()) {
    const partition = partitionOf(name, defaultPartitionCount);
    const appeared = eventFrom({
      ...{ type: 'WorkloadAppeared', pen: 'platform', workload: name, partition },
      ...{ source: '/flyball/watcher', cause: { id: `watcher-0-b:${at}`, atMs: startMs } },
      data: { uid: `u${at}`, replicas: 1, createdAtMs: 0, adopted: true, resourceVersion: '1' },
    });
    const { body } = encodeEvent(appeared, chainStart);
    await log.events.append({ subject: subjectOf(appeared), id: appeared.id, body });
  }
  await using crowded = await openConsoleBed(many.reader);
  await expect.poll(() => crowded.isReady()).toBe(true);
  const { data } = await firstEvent(new URL('/api/fleet', crowded.url), () => true);
  const { rows, more } = data as unknown as FleetTold;
  expect(rows.map(({ name }) => `default/${name}`).sort()).toEqual([...names].sort());
  expect([more, new Set(rows.map(({ desired }) => desired)).size]).toEqual([0, 1]);
  expect(JSON.stringify(data).length).toBeLessThan(600_000);
});

it('says that there is no log to read before there is one', async () => {
  const log = openMemoryEventLog();
  log.events.state = async () => ({
    ...{ createdAt: 'now', firstSeq: 0, lastSeq: 0, messages: 0, bytes: 0 },
    description: 'not ours',
  });
  await using early = await openConsoleBed({ log, clock: story.reader.clock });
  expect(await early.ask(web)).toMatchObject({
    status: 503,
    body: { error: { code: 'LOG_AWAY' } },
  });
  expect(early.isReady()).toBe(false);
});
