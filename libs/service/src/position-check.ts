/** Looks, over each new connection, whether the log still holds what was read. */
import { OutsideError } from '@flyball/contracts';
import {
  classifyPosition,
  type EventLog,
  type EventStream,
  type Position,
  type PositionVerdict,
} from '@flyball/event-log';
import { type RetryOptions, retryOutside } from './retry.ts';

/** What of the log was read and is no longer there. */
export interface LogLoss {
  readonly verdict: Exclude<PositionVerdict, { kind: 'ok' }>;
  readonly expected: Position;
}

/** Of two positions of one stream. */
export const furtherOf = (one: Position, other: Position): Position =>
  one.seq < other.seq ? other : one;

/** Compares a position with the stream as it is now; undefined: all is there. */
export const lossAt = async (
  stream: EventStream,
  expected: Position,
): Promise<LogLoss | undefined> => {
  const [state, message] = await Promise.all([
    stream.state(),
    expected.seq === 0 ? undefined : stream.at(expected.seq),
  ]);
  const verdict = classifyPosition(state, expected, message);
  return verdict.kind === 'ok' ? undefined : { verdict, expected };
};

/**
 * What is read over two connections may be of two logs, the second without the tail of the first:
 * such a reading is to begin again. Rejects then with NATS_RECONNECTED, and as `read` does.
 */
export const overOneConnection = async <Value>(
  log: Pick<EventLog, 'connection'>,
  read: () => Promise<Value>,
): Promise<Value> => {
  const connection = log.connection();
  const value = await read();
  if (log.connection() === connection) return value;
  throw new OutsideError('NATS_RECONNECTED', 'Reading the log: the connection was made anew.', {
    retriable: true,
  });
};

export interface PositionCheckOptions extends RetryOptions {
  readonly log: EventLog;
  readonly stream: EventStream;
  readonly position: () => Position;
  readonly onLost: (loss: LogLoss) => void;
}

/**
 * A server loses the tail of its log only when it is started again, so what was found over a
 * connection stays true for as long as that connection stands.
 */
export interface PositionCheck {
  /** The reader reads over this connection from here on; all that it read before was taken. */
  opened(connection: number): void;
  /** Until then nothing more may be taken: a log without its tail repeats its sequences. */
  settled(): Promise<void>;
  /** The connection that stands, when all that was and will be read is in its log. */
  standing(): number | undefined;
  /**
   * The connection over which what follows from the state may be written; looks first when the
   * reader has not come to it yet. Undefined: the log lost what the state has read. Rejects with
   * OutsideError.
   */
  holdsOver(): Promise<number | undefined>;
}

interface LookAhead {
  readonly connection: number;
  /** What it looks for, or what is before it. */
  readonly seq: number;
  readonly isLost: Promise<boolean>;
}

/** Looks over a connection that the reader has not come to. */
const createLookAhead = (log: EventLog, isLostNow: () => Promise<boolean>) => {
  let found = { connection: 0, seq: 0 };
  let underWay: LookAhead | undefined;

  const look = async (connection: number, seq: number): Promise<boolean> => {
    const isLost = await isLostNow();
    if (connection === log.connection()) found = { connection, seq };
    return isLost;
  };
  return {
    /** It was found over this connection. */
    holds: (connection: number, seq: number): boolean =>
      connection === found.connection && seq <= found.seq,
    /** Many appends ask at once, and one look answers them all. */
    isLost: async (connection: number, seq: number): Promise<boolean> => {
      const isAsked = underWay?.connection === connection && seq <= underWay.seq;
      const asked =
        isAsked && underWay ? underWay : { connection, seq, isLost: look(connection, seq) };
      underWay = asked;
      try {
        return await asked.isLost;
      } finally {
        if (underWay === asked) underWay = undefined;
      }
    },
  };
};

export const createPositionCheck = (options: PositionCheckOptions): PositionCheck => {
  const { log, stream, position, onLost, signal } = options;
  let opened = 0;
  let isLost = false;
  let looking: Promise<void> = Promise.resolve();
  let failure: unknown;

  const isLostNow = async (): Promise<boolean> => {
    const loss = isLost ? undefined : await lossAt(stream, position());
    if (loss !== undefined && !isLost) {
      isLost = true;
      onLost(loss);
    }
    return isLost;
  };
  const ahead = createLookAhead(log, isLostNow);
  const look = async (connection: number): Promise<void> => {
    if (signal.aborted) return;
    if (!(await retryOutside(isLostNow, options))) opened = connection;
  };
  const standing = (): number | undefined =>
    !isLost && opened === log.connection() ? opened : undefined;
  const holdsOver = async (): Promise<number | undefined> => {
    // Whoever folds a message notes its place in the same turn of the loop.
    await Promise.resolve();
    for (;;) {
      const connection = log.connection();
      if (isLost) return undefined;
      if (connection === opened) return connection;
      const { seq } = position();
      if (ahead.holds(connection, seq)) return connection;
      if (await ahead.isLost(connection, seq)) return undefined;
    }
  };
  return {
    opened: (connection) => {
      looking = looking
        .then(() => look(connection))
        .catch((error: unknown) => {
          // An end in the middle of it is no failure.
          if (!signal.aborted) failure ??= error;
        });
    },
    settled: async () => {
      await looking;
      if (failure !== undefined) throw failure;
    },
    standing,
    holdsOver,
  };
};
