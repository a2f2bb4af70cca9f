/** One ordered consumer, used until anything about it is in doubt. */
import { setImmediate as afterInput } from 'node:timers/promises';
import type {
  Consumer,
  ConsumerMessages,
  JetStreamClient,
  JsMsg,
  OrderedConsumerOptions,
} from '@nats-io/jetstream';
import { consumerInactiveMs, idleHeartbeatMs } from './limits.ts';
import type { Link } from './link.ts';

export interface PullSource {
  readonly link: Link;
  readonly js: JetStreamClient;
  readonly stream: string;
}

/** What the library would mend by itself, at times by stalling: a new consumer is surer. */
const doubts: ReadonlySet<string> = new Set([
  'heartbeats_missed',
  'consumer_not_found',
  'consumer_deleted',
  'stream_not_found',
  'no_responders',
  'exceeded_limits',
  'reset',
]);

/**
 * Messages in order and without a gap, until `ended` says why there are no more. The consumer of
 * the messages is waited for: at most `readAhead` are taken from the server beyond it.
 */
export class PullSession {
  /** Why there is nothing more to take; undefined while it runs. */
  ended: string | undefined;
  /** What the library threw, if that is why it ended. */
  failure: unknown;
  /** The number of the connection that it reads over. */
  readonly connection: number;
  readonly #consumer: Consumer;
  readonly #messages: ConsumerMessages;
  readonly #arrived: JsMsg[] = [];
  readonly #readAhead: number;
  readonly #stopFollowing: () => void;
  #wakeTaker: (() => void) | undefined;
  #wakePump: (() => void) | undefined;

  private constructor(source: PullSource, consumer: Consumer, messages: ConsumerMessages) {
    this.#consumer = consumer;
    this.#messages = messages;
    this.#readAhead = source.link.limits.readAhead;
    this.connection = source.link.connectionNumber;
    this.#stopFollowing = source.link.onStatus((status) => {
      // While disconnected nothing arrives and nothing is lost; the new connection needs a new one.
      if (status !== 'disconnected') this.end(status === 'connected' ? 'reconnect' : status);
    });
    void this.#pump();
    void this.#watchForDoubts();
  }

  /** Opens a consumer; throws what the library throws. */
  static async open(
    source: PullSource,
    start: Partial<OrderedConsumerOptions>,
  ): Promise<PullSession> {
    const { js, stream, link } = source;
    const consumer = await js.consumers.get(stream, {
      inactive_threshold: consumerInactiveMs,
      ...start,
    });
    const messages = await consumer.consume({
      max_messages: link.limits.readAhead,
      idle_heartbeat: idleHeartbeatMs,
    });
    return new PullSession(source, consumer, messages);
  }

  /** How many stored messages matched when the consumer was made. */
  async pending(): Promise<number> {
    return (await this.#consumer.info(true)).num_pending;
  }

  /** All that has arrived, at least one message; empty once the session has ended. */
  async take(): Promise<JsMsg[]> {
    if (this.#arrived.length === 0 && this.ended === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve;
      });
    }
    // One read from the socket brings many messages: let all of them come out together.
    if (this.ended === undefined) await afterInput();
    const batch = this.#arrived.splice(0);
    this.#wakePump?.();
    return batch;
  }

  /** Ends it; what has arrived can still be taken. */
  end(reason: string): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    this.#stopFollowing();
    this.#messages.stop();
    this.#wakeTaker?.();
    this.#wakePump?.();
    // Best effort: the server forgets it by itself after `consumerInactiveMs`.
    this.#consumer.delete().catch(() => false);
  }

  async #pump(): Promise<void> {
    try {
      for await (const message of this.#messages) {
        if (this.ended !== undefined) return;
        this.#arrived.push(message);
        this.#wakeTaker?.();
        if (this.#arrived.length >= this.#readAhead) await this.#untilTaken();
      }
      this.end('closed');
    } catch (error) {
      this.failure = error;
      this.end('failed');
    }
  }

  #untilTaken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakePump = resolve;
    });
  }

  async #watchForDoubts(): Promise<void> {
    for await (const { type } of this.#messages.status()) {
      if (doubts.has(type)) this.end(type);
    }
  }
}
