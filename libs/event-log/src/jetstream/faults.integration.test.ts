/** Nothing is lost, doubled or reordered while the server is killed, frozen or left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { messageOf, storedSeq, subjectOf } from '../contract/bed.ts';
import type { EventLog, StoredMessage } from '../event-log.ts';
import { holdLeases } from '../leases.ts';
import { openNatsBed } from '../testing/nats-bed.ts';
import { availableNatsServers } from '../testing/nats-server.ts';

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
    test('appends and readers go through kills: all stored once, all read once, in order', async () => {
      await using bed = await openNatsBed({ binary });
      const { read, resumed, ...reader } = follow(await bed.connect());
      const writer = await bed.connect();
      const stop = new AbortController();
      const writing = writeUntil(writer, 10, stop.signal);
      for (let kill = 0; kill < 3; kill += 1) {
        const seen = read.length;
        await expect.poll(() => read.length, { timeout: 10_000 }).toBeGreaterThan(seen + 50);
        await bed.server.signal('SIGKILL');
        await sleep(200);
        await bed.server.restart();
      }
      const seen = read.length;
      await expect.poll(() => read.length, { timeout: 10_000 }).toBeGreaterThan(seen + 50);
      stop.abort();
      const written = (await writing).reduce((sum, count) => sum + count, 0);
      await expect.poll(() => read.length, { timeout: 10_000 }).toBe(written);
      reader.stop();
      await reader.done;
      expect((await writer.events.state()).messages).toBe(written);
      expect(read.map(({ seq }) => seq)).toEqual(
        Array.from({ length: written }, (_, index) => index + 1),
      );
      expect(resumed.length).toBeGreaterThanOrEqual(3);
    });

    test('a frozen server delays appends and readers, and loses nothing', async () => {
      await using bed = await openNatsBed({ binary });
      const { read, ...reader } = follow(await bed.connect());
      const writer = await bed.connect();
      const stop = new AbortController();
      const writing = writeUntil(writer, 4, stop.signal);
      await expect.poll(() => read.length).toBeGreaterThan(20);
      await bed.server.signal('SIGSTOP');
      await sleep(2_500);
      await bed.server.signal('SIGCONT');
      const seen = read.length;
      await expect.poll(() => read.length, { timeout: 10_000 }).toBeGreaterThan(seen + 20);
      stop.abort();
      const written = (await writing).reduce((sum, count) => sum + count, 0);
      await expect.poll(() => read.length, { timeout: 10_000 }).toBe(written);
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
      await expect.poll(counts, { timeout: 10_000 }).toEqual([2, 2]);
      const before = owners();
      await bed.server.signal('SIGKILL');
      await expect.poll(counts, { timeout: 10_000 }).toEqual([0, 0]);
      await sleep(1_500);
      await bed.server.restart();
      await expect.poll(counts, { timeout: 10_000 }).toEqual([2, 2]);
      expect(owners()).toBe(before);
      stop.abort();
      await Promise.all(replicas.map(({ ended }) => ended));
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
      await expect.poll(() => seen).toEqual(['decider.0']);
      await bed.server.restart();
      await writer.leases.put('decider.1', new Uint8Array([1]));
      await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['decider.0', 'decider.1']);
      stop.abort();
      await watching;
    });
  });
}
