/** Contract: buckets compare and set, tell of every change, and hold snapshots. */
import { expect, test } from 'vitest';
import type { Bucket, WatchedEntry } from '../event-log.ts';
import { loadSnapshot, type Snapshot, storeSnapshot } from '../snapshots.ts';
import type { Contract } from './bed.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value);

const compareAndSet = ({ open }: Contract): void => {
  test('a key is created once, then only changed by who knows its revision', async () => {
    await using bed = await open();
    const bucket = (await bed.connect()).leases;
    const rival = (await bed.connect()).leases;
    const first = await bucket.set('decider.0', bytes('a'), 0);
    expect(first).toBeGreaterThan(0);
    expect(await rival.set('decider.0', bytes('b'), 0)).toBeUndefined();
    const second = await bucket.set('decider.0', bytes('c'), first ?? -1);
    expect(await rival.set('decider.0', bytes('d'), first ?? -1)).toBeUndefined();
    const entry = await rival.get('decider.0');
    expect([text(entry?.value), entry?.revision]).toEqual(['c', second]);
    expect(await rival.get('decider.1')).toBeUndefined();
  });

  test('an entry tells when the server stored it', async () => {
    await using bed = await open();
    const bucket = (await bed.connect()).leases;
    await bucket.put('k', bytes('a'));
    const before = (await bucket.get('k'))?.storedAtMs ?? 0;
    await bed.pass(100);
    await bucket.put('k', bytes('b'));
    const after = (await bucket.get('k'))?.storedAtMs ?? 0;
    // Timers may ring a little early.
    expect(after - before).toBeGreaterThanOrEqual(90);
  });

  test('of rivals for one revision exactly one wins', async () => {
    await using bed = await open();
    const logs = await Promise.all([bed.connect(), bed.connect(), bed.connect()]);
    let revision = 0;
    for (let round = 0; round < 10; round += 1) {
      const won = await Promise.all(
        logs.map(({ leases }, rival) => leases.set('k', bytes(`${round}.${rival}`), revision)),
      );
      const winners = won.filter((result) => result !== undefined);
      expect(winners).toHaveLength(1);
      revision = winners[0] ?? -1;
    }
  });

  test('a deleted key can be created again, and an old revision deletes nothing', async () => {
    await using bed = await open();
    const bucket = (await bed.connect()).leases;
    const first = (await bucket.set('k', bytes('a'), 0)) ?? -1;
    const second = (await bucket.set('k', bytes('b'), first)) ?? -1;
    expect(await bucket.delete('k', first)).toBe(false);
    expect(await bucket.delete('k', second)).toBe(true);
    expect(await bucket.get('k')).toBeUndefined();
    expect(await bucket.set('k', bytes('c'), second)).toBeUndefined();
    expect(await bucket.set('k', bytes('c'), 0)).toBeGreaterThan(second);
    await bucket.put('k', bytes('d'));
    expect(text((await bucket.get('k'))?.value)).toBe('d');
    expect(await bucket.delete('k')).toBe(true);
  });

  test('keys are listed by filter, without the deleted ones', async () => {
    await using bed = await open();
    const bucket = (await bed.connect()).leases;
    expect(await bucket.keys()).toEqual([]);
    for (const key of ['decider.0', 'decider.1', 'actuator.0']) await bucket.put(key, bytes(key));
    await bucket.delete('decider.0');
    expect([...(await bucket.keys())].sort()).toEqual(['actuator.0', 'decider.1']);
    expect(await bucket.keys('actuator.*')).toEqual(['actuator.0']);
    expect(await bucket.keys('watcher.*')).toEqual([]);
  });
};

const collect = (bucket: Bucket, filter: string, signal: AbortSignal) => {
  const seen: WatchedEntry[] = [];
  const done = (async () => {
    for await (const entry of bucket.watch(filter, signal)) seen.push(entry);
  })();
  return { seen, done };
};

const watches = ({ open }: Contract): void => {
  test('a watch tells what is there, then each change and deletion', async () => {
    await using bed = await open();
    const bucket = (await bed.connect()).leases;
    await bucket.put('decider.0', bytes('a'));
    await bucket.put('decider.1', bytes('b'));
    await bucket.put('actuator.0', bytes('not watched'));
    const stop = new AbortController();
    const { seen, done } = collect((await bed.connect()).leases, 'decider.>', stop.signal);
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(2);
    await bucket.put('decider.0', bytes('c'));
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(3);
    await bucket.delete('decider.1');
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(4);
    stop.abort();
    await done;
    expect(seen.map(({ key, value, current }) => [key, text(value), current])).toEqual([
      ['decider.0', 'a', false],
      ['decider.1', 'b', true],
      ['decider.0', 'c', true],
      ['decider.1', undefined, true],
    ]);
  });
};

const snapshotOf = (state: unknown): Snapshot => ({
  streamCreatedAt: '2026-01-01T00:00:00.000Z',
  seq: 7,
  eventId: 'e7',
  algorithm: 1,
  state,
});

const snapshots = ({ open }: Contract): void => {
  test('a snapshot comes back as it was stored; the newest counts', async () => {
    await using bed = await open();
    const bucket = (await bed.connect()).snapshots;
    const key = { stage: 'decider', partition: 3 };
    expect(await loadSnapshot(bucket, key)).toEqual({ kind: 'none' });
    await storeSnapshot(bucket, key, snapshotOf({ replicas: 1 }));
    await storeSnapshot(bucket, key, snapshotOf({ replicas: 2, list: [1, 'ü'] }));
    expect(await loadSnapshot((await bed.connect()).snapshots, key)).toEqual({
      kind: 'found',
      snapshot: snapshotOf({ replicas: 2, list: [1, 'ü'] }),
    });
    expect(await loadSnapshot(bucket, { stage: 'decider', partition: 4 })).toEqual({
      kind: 'none',
    });
  });

  test('a broken snapshot is ignored with its reason; a too large one is refused', async () => {
    await using bed = await open();
    const bucket = (await bed.connect()).snapshots;
    const key = { stage: 'decider', partition: 0 };
    await bucket.put('decider.0', bytes('not gzip'));
    expect(await loadSnapshot(bucket, key)).toMatchObject({ kind: 'ignored' });
    // Hexadecimal digits of a walk that gzip cannot shorten to a message.
    const digits: string[] = [];
    for (let index = 0, walk = 1; index < 300_000; index += 1) {
      walk = (Math.imul(walk, 1_664_525) + 1_013_904_223) >>> 0;
      digits.push(walk.toString(16));
    }
    await expect(storeSnapshot(bucket, key, snapshotOf(digits.join('')))).rejects.toMatchObject({
      code: 'SNAPSHOT_TOO_LARGE',
      retriable: false,
    });
  });
};

export const bucketContract = (contract: Contract): void => {
  compareAndSet(contract);
  watches(contract);
  snapshots(contract);
};
