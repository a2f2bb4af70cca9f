/** The log's bytes as NATS has them, read by the client library alone. */
import {
  type Consumer,
  type ConsumerMessages,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

export interface StoredMessage {
  readonly seq: number;
  readonly subject: string;
  readonly body: string;
  /** When the server stored it, UTC ms. */
  readonly storedAtMs: number;
}

export interface RawLogin {
  readonly servers: readonly string[];
  readonly user: string;
  readonly password: string;
}

export const eventsStream = 'EVENTS';
const readLimitMs = 60_000;
const nanosPerMs = 1_000_000;
const messagesAhead = 500;
const heartbeatMs = 500;

export const connectRaw = ({ servers, user, password }: RawLogin): Promise<NatsConnection> =>
  connect({
    servers: [...servers],
    user,
    pass: password,
    name: 'faults-judge',
    inboxPrefix: `_INBOX.${user}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    waitOnFirstConnect: true,
  });

export const storedOf = (message: JsMsg): StoredMessage => ({
  seq: message.seq,
  subject: message.subject,
  body: message.string(),
  storedAtMs: Math.floor(message.info.timestampNanos / nanosPerMs),
});

/** Messages from `firstSeq` on, until they are stopped or anything about them is in doubt. */
export const consumeFrom = async (
  connection: NatsConnection,
  firstSeq: number,
): Promise<{ readonly consumer: Consumer; readonly messages: ConsumerMessages }> => {
  const js = jetstream(connection);
  const consumer = await js.consumers.get(eventsStream, { opt_start_seq: firstSeq });
  const messages = await consumer.consume({
    max_messages: messagesAhead,
    idle_heartbeat: heartbeatMs,
  });
  return { consumer, messages };
};

/** The sequence of the last message; 0 in an empty stream. */
export const lastSequence = async (connection: NatsConnection): Promise<number> => {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  return (await manager.streams.info(eventsStream)).state.last_seq;
};

/** Everything that is stored now. Rejects when that takes longer than a minute. */
export const readWholeLog = async (
  connection: NatsConnection,
): Promise<readonly StoredMessage[]> => {
  const lastSeq = await lastSequence(connection);
  const { messages } = await consumeFrom(connection, 1);
  const found: StoredMessage[] = [];
  const limit = setTimeout(() => messages.stop(), readLimitMs);
  try {
    if (lastSeq === 0) return [];
    for await (const message of messages) {
      found.push(storedOf(message));
      if (message.seq >= lastSeq || message.info.pending === 0) return found;
    }
  } finally {
    clearTimeout(limit);
    messages.stop();
  }
  throw new Error(`The log was not read within ${readLimitMs} ms: ${found.length} messages came.`);
};
