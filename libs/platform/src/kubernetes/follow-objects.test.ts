/** Following a collection through everything that its server and the way to it can do. */
import type { KubernetesObject } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClusterAccess, connectCluster } from './cluster-access.ts';
import { type FollowLimits, followObjects } from './follow-objects.ts';
import { type CollectionServer, startCollectionServer } from './testing/collection-server.ts';

const what = { path: '/api/v1/things' };
const quick: FollowLimits = { retryMinMs: 5, retryMaxMs: 20, pageTimeoutMs: 300 };

let server: CollectionServer;
let access: ClusterAccess;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startCollectionServer(3);
  access = connectCluster({ kubeconfig: server.kubeconfig, namespaces: [], requestTimeoutMs: 300 });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await access.close();
  await server[Symbol.asyncDispose]();
});

/** Folds what is told into what is there. */
const follow = (limits: FollowLimits = quick) => {
  const ending = new AbortController();
  const seen = { there: new Map<string, string>(), kinds: [] as string[], unseen: [] as string[] };
  let listing: Map<string, string> | undefined;
  const run = async (): Promise<void> => {
    const changes = followObjects<KubernetesObject & { data: string }>(
      access,
      what,
      ending.signal,
      limits,
    );
    for await (const change of changes) {
      seen.kinds.push(change.kind);
      if (change.kind === 'listing') listing = new Map();
      else if (change.kind === 'unseen') seen.unseen.push(change.reason);
      else if (change.kind === 'listed') seen.there = listing ?? seen.there;
      else {
        const name = change.object.metadata?.name ?? '';
        const at = change.kind === 'object' && listing !== undefined ? listing : seen.there;
        if (change.kind === 'object') at.set(name, change.object.data);
        else seen.there.delete(name);
      }
      if (change.kind === 'listed') listing = undefined;
    }
  };
  const running = run();
  stops.push(() => {
    ending.abort();
    return running;
  });
  const isThere = () =>
    expect(Object.fromEntries(seen.there)).toEqual(
      Object.fromEntries([...server.objects].map(([name, { data }]) => [name, data])),
    );
  return { seen, until: () => vi.waitFor(isThere, { timeout: 10_000, interval: 5 }) };
};

const watched = (count = 1) =>
  vi.waitFor(() => expect(server.asked.watch).toBeGreaterThanOrEqual(count), { timeout: 10_000 });
const open = () =>
  vi.waitFor(() => expect(server.watches()).toBe(1), { timeout: 10_000, interval: 5 });

const listings = (kinds: readonly string[]) => kinds.filter((kind) => kind === 'listed').length;

describe('a collection that is followed', () => {
  it('is listed in pages, then watched', async () => {
    for (let at = 0; at < 8; at += 1) server.write(`thing-${at}`, 'old');
    const { seen, until } = follow();
    await open();
    expect(server.asked).toMatchObject({ list: 1, page: 2 });
    server.write('thing-3', 'new');
    server.remove('thing-5');
    server.write('thing-9', 'added');
    await until();
    expect(seen.there.get('thing-3')).toBe('new');
    expect(listings(seen.kinds)).toBe(1);
  });

  it.each([
    ['ends', () => server.endWatches()],
    ['is reset', () => server.resetWatches()],
    ['ends in the middle of a line', () => halfLine('end')],
    ['is reset in the middle of a line', () => halfLine('reset')],
  ])('goes on where it was when its watch %s', async (_, hurt) => {
    server.write('thing', '1');
    const { seen, until } = follow();
    await open();
    server.write('thing', '2');
    await until();
    hurt();
    server.write('thing', '3');
    server.write('other', '1');
    await until();
    expect(listings(seen.kinds)).toBe(1);
    expect(seen.unseen).toEqual([]);
  });

  const halfLine = (then: 'end' | 'reset'): void => {
    server.say('{"type":"ADDED","object":{"metadata":{"name":"half"');
    if (then === 'end') server.endWatches();
    else server.resetWatches();
  };

  it.each(['answer', 'event'] as const)('lists again when 410 comes as an %s', async (by) => {
    server.write('thing', '1');
    const { seen, until } = follow();
    await open();
    server.muffle(true);
    server.write('thing', '2');
    server.compact(by);
    server.muffle(false);
    server.endWatches();
    await until();
    expect(listings(seen.kinds)).toBe(2);
    expect(seen.unseen).toEqual([]);
  });

  it('keeps the place that a bookmark tells', async () => {
    const { seen, until } = follow();
    await open();
    // Of another kind, so to say: it moves the version, and no event of ours tells it.
    server.muffle(true);
    server.write('thing', '1');
    server.remove('thing');
    server.muffle(false);
    server.bookmark();
    server.compact('answer');
    server.endWatches();
    await watched(2);
    server.write('other', '1');
    await until();
    expect(listings(seen.kinds)).toBe(1);
  });

  it('is listed anew when a page expires, at last in one piece', async () => {
    for (let at = 0; at < 8; at += 1) server.write(`thing-${at}`, 'old');
    const expired = { status: 410 };
    server.fail('page', expired, expired, expired);
    const { seen, until } = follow();
    await until();
    expect(server.asked).toMatchObject({ list: 4, page: 3 });
    expect(seen.unseen).toEqual([]);
  });

  it('opens a watch anew that says nothing for too long', async () => {
    server.write('thing', '1');
    const { seen, until } = follow({ ...quick, silenceMaxMs: 150 });
    await open();
    server.muffle(true);
    server.write('thing', '2');
    server.muffle(false);
    await until();
    expect(listings(seen.kinds)).toBe(1);
  });
});

describe('a server that does not answer', () => {
  it('is told once, and everything is listed when it answers again', async () => {
    server.write('thing', '1');
    const { seen, until } = follow();
    await open();
    const away = Array.from({ length: 4 }, () => ({ status: 0, reset: true }));
    server.fail('watch', ...away);
    server.fail('list', ...away);
    server.resetWatches();
    await vi.waitFor(() => expect(seen.unseen).toHaveLength(1), { timeout: 10_000 });
    server.write('thing', '2');
    await until();
    expect(listings(seen.kinds)).toBe(2);
    expect(seen.unseen).toEqual([expect.stringContaining('the API server did not answer')]);
  });

  it('is noticed by the limit of its silence', async () => {
    server.write('thing', '1');
    const { seen, until } = follow({ ...quick, silenceMaxMs: 150 });
    await open();
    server.freeze(true);
    await vi.waitFor(() => expect(seen.unseen).toHaveLength(1), { timeout: 10_000 });
    server.freeze(false);
    server.write('thing', '2');
    await until();
  });

  it('is not asked before the time that it named', async () => {
    server.fail('list', { status: 429, headers: { 'retry-after': '1' } });
    const startedMs = performance.now();
    const { until, seen } = follow();
    server.write('thing', '1');
    await vi.waitFor(() => expect(server.asked.list).toBe(2), { timeout: 10_000 });
    // Timers may fire a millisecond early.
    expect(performance.now() - startedMs).toBeGreaterThan(990);
    await until();
    expect(seen.unseen).toEqual([]);
  });

  it('is told with its reason when it refuses', async () => {
    server.fail('list', { status: 403 }, { status: 403 }, { status: 403 });
    const { seen, until } = follow();
    server.write('thing', '1');
    await until();
    expect(seen.unseen).toEqual([expect.stringContaining('answered 403: a fault 403')]);
  });

  it('is believed anew when it comes back with another history', async () => {
    server.write('thing', '1');
    server.write('gone', '1');
    const { seen, until } = follow();
    await open();
    server.startOver({ thing: 'from a backup' });
    server.resetWatches();
    await until();
    expect(listings(seen.kinds)).toBe(2);
    expect(seen.there.has('gone')).toBe(false);
  });

  it('is believed anew when only a bookmark says that its history is another one', async () => {
    server.write('gone', '1');
    const { seen, until } = follow();
    await open();
    server.startOver({ thing: 'from a backup' });
    server.bookmark();
    await until();
    expect(listings(seen.kinds)).toBe(2);
    expect(seen.there.has('gone')).toBe(false);
  });

  it('is not asked without a pause when each of its watches ends at once', async () => {
    const { seen } = follow({ retryMinMs: 40, retryMaxMs: 40 });
    await open();
    const beganMs = performance.now();
    const ending = setInterval(() => server.endWatches(), 1);
    await watched(8);
    clearInterval(ending);
    // Seven pauses of at least half of 40 ms each.
    expect(performance.now() - beganMs).toBeGreaterThan(130);
    expect(seen.kinds).toContain('listed');
  });
});
