/** Nothing is lost, doubled or reordered while the server is killed, frozen or left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { messageOf, storedSeq, subjectOf } from '../contract/bed.ts';
import type { EventLog, StoredMessage } from '../event-log.ts';
import { readOwner } from '../leases/read-owner.ts';
import { holdLeases } from '../leases.ts';
import { startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { openNatsBed } from '../testing/nats-bed.ts';
import { availableNatsServers } from '../testing/nats-server.ts';

const limit = { timeout: 10_000 };
const filter = 'flyball.events.0.>';

/** Reads into a list until stopped. */
const follow = (log: EventLog) => {
  const stop = new AbortController();
  const read: StoredMessage[] = [];
  const resumed: string[] = [];
  const done = (async () => {
    const onResume = (reason: string) => resumed.push(reason);
    for await (const batch of log.events.read({
      filter,
      afterSeq: 0,
      signal: stop.signal,
      onResume,
    })) {
      read.push(...batch);
    }
  })();
  return { read, resumed, stop: () => stop.abort(), done };
};

/** Several writers, each serial on its own subject, until told to stop. */
const writeUntil = (log: EventLog, writers: number, stop: AbortSignal): Promise<number[]> =>
  Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      let last = 0;
      let count = 0;
      for (; !stop.aborted; count += 1) {
        last = await storedSeq(
          log,
          messageOf(subjectOf(`w${writer}`), `w${writer}-${count}`, last),
        );
      }
      return count;
    }),
  );

for (const binary of await availableNatsServers()) {
  describe(`faults of nats-server ${binary.version}`, () => {
    test('what follows from one life of the server is not stored by the next', async () => {
      await using bed = await openNatsBed({ binary });
      const log = await bed.connect();
      const opened: number[] = [];
      const stop = new AbortController();
      const reading = (async () => {
        const onOpen = (connection: number): void => void opened.push(connection);
        const options = { filter, afterSeq: 0, signal: stop.signal, onOpen };
        for await (const _ of log.events.read(options));
      })();
      const connection = log.connection();
      await expect.poll(() => opened, limit).toEqual([connection]);
      await bed.server.signal('SIGKILL');
      const message = { ...messageOf(subjectOf('web'), 'a', 0), connection };
      const refused = Promise.all([
        expect(log.events.append(message)).rejects.toMatchObject({ code: 'NATS_RECONNECTED' }),
        expect(
          log.snapshots.put('decider.0', new Uint8Array([1]), connection),
        ).rejects.toMatchObject({ code: 'NATS_RECONNECTED' }),
      ]);
      await bed.server.restart();
      await refused;
      expect((await log.events.state()).messages).toBe(0);
      expect(await log.snapshots.get('decider.0')).toBeUndefined();
      await expect.poll(() => opened, limit).toEqual([connection, log.connection()]);
      const again = { ...message, connection: log.connection() };
      expect(await log.events.append(again)).toMatchObject({ kind: 'stored' });
      stop.abort();
      await reading;
    });

    test('kills of the server: all is stored once and read once, in order', async () => {
      await using bed = await openNatsBed({ binary });
      const { read, resumed, ...reader } = follow(await bed.connect());
      const writer = await bed.connect();
      const stop = new AbortController();
      const writing = writeUntil(writer, 10, stop.signal);
      for (let kill = 0; kill < 3; kill += 1) {
        const seen = read.length;
        await expect.poll(() => read.length, limit).toBeGreaterThan(seen + 50);
        await bed.server.signal('SIGKILL');
        await sleep(200);
        await bed.server.restart();
      }
      const seen = read.length;
      await expect.poll(() => read.length, limit).toBeGreaterThan(seen + 50);
      stop.abort();
      const written = (await writing).reduce((sum, count) => sum + count, 0);
      await expect.poll(() => read.length, limit).toBe(written);
      reader.stop();
      await reader.done;
      expect((await writer.events.state()).messages).toBe(written);
      expect(read.map(({ seq }) => seq)).toEqual(
        Array.from({ length: written }, (_, index) => index + 1),
      );
      expect(resumed.length).toBeGreaterThanOrEqual(3);
    });

    test('an append whose answer was lost is ours, though a rival wrote after it', async () => {
      await using bed = await openNatsBed({ binary });
      await using proxy = await startCuttableProxy(bed.server.port);
      const [log, rival] = [await bed.connectTo(proxy.url), await bed.connect()];
      const web = subjectOf('web');
      await log.events.state();
      proxy.withholdAnswers();
      const appending = log.events.append(messageOf(web, 'mine', 0));
      await expect.poll(async () => (await rival.events.last(web))?.seq, limit).toBe(1);
      const theirs = await storedSeq(rival, messageOf(web, 'theirs', 1));
      proxy.cut();
      expect(await appending).toEqual({ kind: 'stored', seq: 1, again: true });
      expect(await rival.events.state()).toMatchObject({ messages: 2, lastSeq: theirs });
    });

    test('a compare-and-set whose answer was lost is known to be ours', async () => {
      await using bed = await openNatsBed({ binary });
      await using proxy = await startCuttableProxy(bed.server.port);
      const [log, rival] = [await bed.connectTo(proxy.url), await bed.connect()];
      const value = new Uint8Array([1, 2, 3]);
      proxy.withholdAnswers();
      const setting = log.leases.set('decider.0', value, 0);
      await expect.poll(async () => (await rival.leases.get('decider.0'))?.revision, limit).toBe(1);
      proxy.cut();
      expect(await setting).toBe(1);
      expect(await log.leases.set('decider.0', value, 0)).toBeUndefined();
    });

    test('a frozen server delays appends and readers, and loses nothing', async () => {
      await using bed = await openNatsBed({ binary });
      const { read, ...reader } = follow(await bed.connect());
      const writer = await bed.connect();
      const stop = new AbortController();
      const writing = writeUntil(writer, 4, stop.signal);
      await expect.poll(() => read.length, limit).toBeGreaterThan(20);
      await bed.server.signal('SIGSTOP');
      await sleep(2_500);
      await bed.server.signal('SIGCONT');
      const seen = read.length;
      await expect.poll(() => read.length, limit).toBeGreaterThan(seen + 20);
      stop.abort();
      const written = (await writing).reduce((sum, count) => sum + count, 0);
      await expect.poll(() => read.length, limit).toBe(written);
      reader.stop();
      await reader.done;
      expect(new Set(read.map(({ id }) => id)).size).toBe(written);
    });

    test('an outage of the server moves no lease', async () => {
      await using bed = await openNatsBed({ binary });
      const stop = new AbortController();
      const replicas = await Promise.all(
        ['a', 'b'].map(async (instance) => {
          const log = await bed.connect();
          return holdLeases({
            bucket: log.leases,
            stage: 'decider',
            instance,
            partitionCount: 4,
            signal: stop.signal,
            onGained: () => {},
            onStatus: (listener) => log.onStatus(listener),
          });
        }),
      );
      const owners = () => JSON.stringify(replicas.map(({ partitions }) => partitions));
      const counts = () => replicas.map(({ partitions }) => partitions.length);
      await expect.poll(counts, limit).toEqual([2, 2]);
      const before = owners();
      await bed.server.signal('SIGKILL');
      await expect.poll(counts, limit).toEqual([0, 0]);
      await sleep(1_500);
      await bed.server.restart();
      await expect.poll(counts, limit).toEqual([2, 2]);
      expect(owners()).toBe(before);
      stop.abort();
      await Promise.all(replicas.map(({ ended }) => ended));
    });

    test('a holder of leases ends while the server is away', async () => {
      await using bed = await openNatsBed({ binary });
      const log = await bed.connect();
      const stop = new AbortController();
      const holder = holdLeases({
        bucket: log.leases,
        stage: 'decider',
        instance: 'a',
        partitionCount: 4,
        signal: stop.signal,
        onGained: () => {},
        onStatus: (listener) => log.onStatus(listener),
      });
      await expect.poll(() => holder.partitions.length, limit).toBe(4);
      await bed.server.signal('SIGKILL');
      await expect.poll(() => log.status(), limit).toBe('disconnected');
      stop.abort();
      const late = sleep(limit.timeout, 'late', { ref: false });
      expect(await Promise.race([holder.ended, late])).toBeUndefined();
      expect(holder.partitions).toEqual([]);
    });

    test('a watch of a bucket goes through a kill of the server', async () => {
      await using bed = await openNatsBed({ binary });
      const [watcher, writer] = [await bed.connect(), await bed.connect()];
      const stop = new AbortController();
      const seen: string[] = [];
      const watching = (async () => {
        for await (const { key } of watcher.leases.watch('decider.>', stop.signal)) seen.push(key);
      })();
      await writer.leases.put('decider.0', new Uint8Array([1]));
      await expect.poll(() => seen, limit).toEqual(['decider.0']);
      await bed.server.restart();
      await writer.leases.put('decider.1', new Uint8Array([1]));
      await expect.poll(() => seen, limit).toEqual(['decider.0', 'decider.1']);
      stop.abort();
      await watching;
    });

    test('owners of leases in a bucket that lost its tail agree on what is left', async () => {
      await using bed = await openNatsBed({ binary });
      const stop = new AbortController();
      const hold = async (instance: string) => {
        const log = await bed.connect();
        return holdLeases({
          bucket: log.leases,
          stage: 'decider',
          instance,
          partitionCount: 4,
          signal: stop.signal,
          onGained: () => {},
          onStatus: (listener) => log.onStatus(listener),
        });
      };
      const first = await hold('first');
      await expect.poll(() => first.partitions, limit).toEqual([0, 1, 2, 3]);
      await bed.server.keepStore();
      const second = await hold('second');
      await expect.poll(() => second.partitions.length, limit).toBe(2);
      await bed.server.goBack();
      const { leases } = await bed.connect();
      const owners = async () => {
        const found = [0, 1, 2, 3].map((partition) => readOwner(leases, 'decider', partition));
        return (await Promise.all(found)).map((owner) => owner?.instance);
      };
      const known = () =>
        [0, 1, 2, 3].map((one) => (first.partitions.includes(one) ? 'first' : 'second'));
      await expect.poll(() => second.partitions.length, limit).toBe(2);
      await expect.poll(() => first.partitions.length, limit).toBe(2);
      await expect.poll(owners, limit).toEqual(known());
      stop.abort();
      await Promise.all([first.ended, second.ended]);
    });

    test('a watch of a bucket that lost its tail tells what is left of it', async () => {
      await using bed = await openNatsBed({ binary });
      const [watcher, writer] = [await bed.connect(), await bed.connect()];
      const stop = new AbortController();
      const seen: string[] = [];
      const watching = (async () => {
        for await (const { key, value } of watcher.leases.watch('decider.>', stop.signal)) {
          seen.push(`${key} ${value?.[0]}`);
        }
      })();
      await writer.leases.put('decider.0', new Uint8Array([1]));
      await bed.server.keepStore();
      for (const value of [2, 3, 4]) await writer.leases.put('decider.0', new Uint8Array([value]));
      await expect.poll(() => seen.at(-1), limit).toBe('decider.0 4');
      await bed.server.goBack();
      await expect.poll(() => seen.at(-1), limit).toBe('decider.0 1');
      await writer.leases.put('decider.1', new Uint8Array([5]));
      await expect.poll(() => seen.at(-1), limit).toBe('decider.1 5');
      stop.abort();
      await watching;
    });
  });
}
