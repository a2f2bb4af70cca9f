/** The Redis adapter keeps the contract on a real server, and says what is wrong when it cannot. */
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleSecond, testWindowStore } from './contract.ts';
import { connectRedisWindows } from './redis.ts';
import {
  availableRedisServers,
  type RunningRedisServer,
  startRedisServer,
} from './testing/redis-server.ts';
import type { WindowStore, WindowWrite } from './window-store.ts';

const binaries = await availableRedisServers();
const binary = binaries[0];

const failureOf = async (call: Promise<unknown>): Promise<OutsideError> => {
  const error = await call.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof OutsideError) return error;
  throw error;
};

const writeAt = (cursorSeq: number): WindowWrite => ({
  cursorSeq,
  cursorId: `batch-${cursorSeq}`,
  streamCreatedAt: '2026-01-01T00:00:00.000Z',
  seconds: [exampleSecond({ source: 'a', second: cursorSeq }, ['default/web', 'default/api'])],
  keepFromMs: 0,
});

/** After any error: reads the cursor until Redis answers, as the store's users must. */
const cursorWhenBack = async (store: WindowStore): Promise<number> => {
  const triesMax = 200;
  for (let tries = 0; tries < triesMax; tries += 1) {
    try {
      return (await store.cursor(0))?.cursorSeq ?? 0;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  throw new Error('Redis did not come back');
};

if (binary === undefined) {
  test.skip('redis-server is not installed: nothing of the Redis adapter was tested', () => {});
} else {
  testWindowStore(`redis ${binary.version}`, async () => {
    const server = await startRedisServer(binary);
    return {
      open: () => connectRedisWindows({ url: server.url }),
      flush: async () => {
        await server.command('FLUSHALL');
      },
      stop: () => server.stop(),
    };
  });

  describe('redis that fails', () => {
    let server: RunningRedisServer;
    beforeAll(async () => {
      server = await startRedisServer(binary);
    });
    afterAll(async () => server?.stop());

    test('a wrong password is refused, and not shown', async () => {
      const url = `redis://:wrong-secret@127.0.0.1:${server.port}`;
      const error = await failureOf(connectRedisWindows({ url }));
      expect(error).toMatchObject({ code: 'REDIS_REFUSED', retriable: false });
      expect(error.message).toContain(`127.0.0.1:${server.port}`);
      expect(error.message).not.toContain('wrong-secret');
    });

    test('no password is refused', async () => {
      const url = `redis://127.0.0.1:${server.port}`;
      expect(await failureOf(connectRedisWindows({ url }))).toMatchObject({
        code: 'REDIS_REFUSED',
      });
    });

    test('nobody there: unreachable, with the address', async () => {
      const error = await failureOf(connectRedisWindows({ url: 'redis://:x@127.0.0.1:1' }));
      expect(error).toMatchObject({ code: 'REDIS_UNREACHABLE', retriable: true });
      expect(error.message).toContain('redis://:***@127.0.0.1:1');
    });

    test('killed in the middle of writes: nothing torn, the cursor tells', async () => {
      const store = await connectRedisWindows({ url: server.url });
      let cursorSeq = 0;
      for (let round = 0; round < 3; round += 1) {
        const writing = (async () => {
          for (;;) {
            if (await store.write(0, cursorSeq, writeAt(cursorSeq + 1))) cursorSeq += 1;
          }
        })();
        const failed = failureOf(writing);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await server.signal('SIGKILL');
        expect(await failed).toMatchObject({ code: 'REDIS_UNREACHABLE' });
        await server.restart();
        const stored = await cursorWhenBack(store);
        const loaded = await store.load(0);
        expect(loaded?.seconds.length ?? 0).toBe(stored);
        expect(loaded?.cursorSeq ?? 0).toBe(stored);
        cursorSeq = stored;
      }
      expect(cursorSeq).toBeGreaterThan(0);
      await store.close();
    });

    test('frozen: the call fails within its limit, and the cursor tells', async () => {
      // Long enough also for the calls before and after on a machine that is busy.
      const store = await connectRedisWindows({ url: server.url, commandTimeoutMs: 1_500 });
      await store.clear(0);
      await store.write(0, 0, writeAt(1));
      await server.signal('SIGSTOP');
      const error = await failureOf(store.write(0, 1, writeAt(2)));
      expect(error).toMatchObject({ code: 'REDIS_UNREACHABLE', retriable: true });
      await server.signal('SIGCONT');
      const cursorSeq = await cursorWhenBack(store);
      expect([1, 2]).toContain(cursorSeq);
      const next = await store.write(0, cursorSeq, writeAt(cursorSeq + 1));
      expect(next || (await store.cursor(0))?.cursorSeq === 2).toBe(true);
      await store.close();
    });

    test('one key lost alone (evicted, deleted) is noticed', async () => {
      const store = await connectRedisWindows({ url: server.url });
      for (const lost of ['names', 'seconds']) {
        await store.clear(1);
        await store.write(1, 0, { ...writeAt(1), keepFromMs: 0 });
        await server.command('DEL', `flyball:{1}:${lost}`);
        expect(await store.load(1)).toBeUndefined();
      }
      await store.close();
    });

    test('only one partition is read at a time', async () => {
      const store = await connectRedisWindows({ url: server.url });
      const key: WorkloadKey = 'default/other';
      await store.clear(2);
      await store.write(2, 0, {
        ...writeAt(1),
        seconds: [exampleSecond({ source: 'a', second: 1 }, [key])],
      });
      const loaded = await store.load(2);
      expect(loaded?.seconds.map(({ workloads }) => workloads)).toEqual([[key]]);
      await store.close();
    });
  });
}
