/** The window store in Redis: packed seconds, one Lua call per write, nothing calculated there. */
import type { WorkloadKey } from '@flyball/contracts';
import { Redis } from 'ioredis';
import { createLedger, indexOfName, type Ledger, takeExpired } from './ledger.ts';
import { fieldOf, packSecond, placeOf, unpackSecond } from './packing.ts';
import { redisFailure } from './redis-failure.ts';
import { loadScript, outlineScript, writeScript } from './redis-scripts.ts';
import type { StoredWindows, WindowCursor, WindowStore, WindowWrite } from './window-store.ts';

export interface RedisWindowsOptions {
  /** `redis://[user]:password@host:port[/db]`. */
  readonly url: string;
  /** What all keys begin with. */
  readonly keyPrefix?: string;
  /** A call without an answer for this long has failed. */
  readonly commandTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** A server that is not there yet is no error: calls fail until it comes. */
  readonly mayBeAbsent?: boolean;
}

const defaultKeyPrefix = 'flyball:';
const defaultCommandTimeoutMs = 2_000;
const defaultConnectTimeoutMs = 2_000;
const reconnectFirstMs = 20;
const reconnectMaxMs = 500;

type Argument = string | number | Buffer;
type Script = (...args: Argument[]) => Promise<unknown>;

/** Names, seconds and cursor of a partition live on one node of a cluster: `{3}`. */
const keysOf = (prefix: string, partition: number): string[] =>
  ['cursor', 'names', 'seconds'].map((what) => `${prefix}{${partition}}:${what}`);

type Outline = readonly [cursor: (Buffer | null)[], names: Buffer[], seconds: Buffer[]];

const readCursor = ([seq, stream, id]: Outline[0]): WindowCursor | undefined =>
  seq === null || seq === undefined
    ? undefined
    : {
        cursorSeq: Number(seq),
        cursorId: id?.toString() ?? '',
        streamCreatedAt: stream?.toString() ?? '',
      };

const readNames = (names: readonly Buffer[]): [number, WorkloadKey][] => {
  const pairs: [number, WorkloadKey][] = [];
  for (let at = 0; at + 1 < names.length; at += 2) {
    pairs.push([Number(names[at]), String(names[at + 1]) as WorkloadKey]);
  }
  return pairs;
};

/** A key that was evicted or deleted alone leaves counts that do not fit. */
const isWhole = ([cursor, names, seconds]: Outline): boolean =>
  Number(cursor[3]) === names.length / 2 && Number(cursor[4]) === seconds.length / 2;

const readSeconds = (outline: Outline, names: ReadonlyMap<number, WorkloadKey>) => {
  const seconds: NonNullable<ReturnType<typeof unpackSecond>>[] = [];
  const [, , pairs] = outline;
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const bytes = pairs[at + 1] ?? Buffer.alloc(0);
    const second = unpackSecond(placeOf(String(pairs[at])), bytes, (index) => names.get(index));
    if (second === undefined) return undefined;
    seconds.push(second);
  }
  return seconds;
};

const writeArguments = (
  ledger: Ledger,
  expectedCursorSeq: number,
  windows: WindowWrite,
): Argument[] => {
  const { cursorSeq, cursorId, streamCreatedAt, keepFromMs } = windows;
  const namesExpected = ledger.nameByIndex.size;
  const added = new Map<number, WorkloadKey>();
  const written: Argument[] = [];
  const expired = takeExpired(ledger, keepFromMs);
  for (const second of windows.seconds) {
    const { secondAtMs } = second;
    if (secondAtMs < keepFromMs) continue;
    const indices = second.workloads.map((name) =>
      indexOfName(ledger, name, { secondAtMs, keepFromMs }, added),
    );
    written.push(fieldOf(second), packSecond(second, indices));
    ledger.fields.set(fieldOf(second), secondAtMs);
  }
  const names = [...added].flat();
  return [
    ...[expectedCursorSeq, namesExpected, cursorSeq, streamCreatedAt, cursorId],
    ...[names.length, ...names],
    ...[written.length, ...written],
    ...[expired.length, ...expired],
  ];
};

const connect = (options: RedisWindowsOptions): Redis =>
  new Redis(options.url, {
    lazyConnect: true,
    commandTimeout: options.commandTimeoutMs ?? defaultCommandTimeoutMs,
    connectTimeout: options.connectTimeoutMs ?? defaultConnectTimeoutMs,
    enableAutoPipelining: true,
    // A call that failed must not be done later behind the caller's back.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (tries) => Math.min(reconnectFirstMs * 2 ** Math.min(tries, 10), reconnectMaxMs),
    scripts: {
      flyballWrite: { lua: writeScript, numberOfKeys: 3 },
      flyballLoad: { lua: loadScript, numberOfKeys: 3, readOnly: true },
      flyballOutline: { lua: outlineScript, numberOfKeys: 3, readOnly: true },
    },
  });

interface Scripts {
  readonly flyballWrite: Script;
  readonly flyballLoadBuffer: Script;
  readonly flyballOutlineBuffer: Script;
}

/** The store's calls over one connection; `attempt` turns errors into ours. */
const storeOver = (
  redis: Redis & Scripts,
  prefix: string,
  attempt: <Result>(call: () => Promise<Result>) => Promise<Result>,
): Omit<WindowStore, 'close'> => {
  const ledgers = new Map<number, Ledger>();

  const outlined = async (partition: number): Promise<Ledger> => {
    const [cursor, names, fields] = (await redis.flyballOutlineBuffer(
      ...keysOf(prefix, partition),
    )) as Outline;
    const places = fields.map((field) => placeOf(String(field)));
    return createLedger(readCursor(cursor)?.cursorSeq ?? 0, readNames(names), places);
  };

  const load = async (partition: number): Promise<StoredWindows | undefined> => {
    ledgers.delete(partition);
    const outline = (await redis.flyballLoadBuffer(...keysOf(prefix, partition))) as Outline;
    const cursor = readCursor(outline[0]);
    const names = readNames(outline[1]);
    const seconds = readSeconds(outline, new Map(names));
    if (cursor === undefined || seconds === undefined || !isWhole(outline)) return undefined;
    ledgers.set(partition, createLedger(cursor.cursorSeq, names, seconds));
    return { ...cursor, seconds };
  };

  const write = async (
    partition: number,
    expectedCursorSeq: number,
    windows: WindowWrite,
  ): Promise<boolean> => {
    const known = ledgers.get(partition);
    // Taken out until the answer is there: after an error nobody knows what Redis holds.
    ledgers.delete(partition);
    const ledger = known?.cursorSeq === expectedCursorSeq ? known : await outlined(partition);
    if (ledger.cursorSeq !== expectedCursorSeq) return false;
    const args = writeArguments(ledger, expectedCursorSeq, windows);
    const done = (await redis.flyballWrite(...keysOf(prefix, partition), ...args)) === 1;
    if (!done) return false;
    ledger.cursorSeq = windows.cursorSeq;
    ledgers.set(partition, ledger);
    return true;
  };

  return {
    load: (partition) => attempt(() => load(partition)),
    write: (partition, expected, windows) => attempt(() => write(partition, expected, windows)),
    cursor: (partition) =>
      attempt(async () => {
        const [key = ''] = keysOf(prefix, partition);
        return readCursor(await redis.hmgetBuffer(key, 'seq', 'stream', 'id'));
      }),
    clear: (partition) =>
      attempt(async () => {
        ledgers.delete(partition);
        await redis.del(...keysOf(prefix, partition));
      }),
  };
};

/**
 * Connects; from then on the connection comes back by itself; calls made meanwhile fail at once.
 * Calls for one partition must follow one another. Throws OutsideError REDIS_UNREACHABLE or
 * REDIS_REFUSED (also from every call of the store).
 */
export const connectRedisWindows = async (options: RedisWindowsOptions): Promise<WindowStore> => {
  const redis = connect(options) as Redis & Scripts;
  let lastError: unknown;
  redis.on('error', (error: unknown) => {
    lastError = error;
  });
  const attempt = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    try {
      return await call();
    } catch (error) {
      // While disconnected ioredis only says that it is; the reason came before.
      const reason = redis.status === 'ready' ? error : (lastError ?? error);
      throw redisFailure(reason, options.url);
    }
  };
  try {
    await redis.connect();
    await redis.ping();
    lastError = undefined;
  } catch (error) {
    const failure = redisFailure(lastError ?? error, options.url);
    if (!failure.retriable || options.mayBeAbsent !== true) {
      redis.disconnect();
      throw failure;
    }
  }
  return {
    ...storeOver(redis, options.keyPrefix ?? defaultKeyPrefix, attempt),
    close: async () => {
      redis.disconnect();
    },
  };
};
