/** When the log stored each tick and its decisions; read without the bodies: they cost much. */
import { natsLoginOf } from '@flyball/cli';
import { streams } from '@flyball/contracts';
import { type JsMsg, jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Bed } from '../pipeline/bed.ts';

const nanosPerMs = 1_000_000;
const messagesAhead = 500;
const idHeader = 'Nats-Msg-Id';
const sizeHeader = 'Nats-Msg-Size';
/** What the file store adds to a message with headers: its record's own head and checksum. */
const recordBytes = 34;
/** Ids of ticks and of what follows from them begin with the moment the tick was due. */
const tickOf = /^w(\d+)-/;

export interface TickTimes {
  readonly partition: number;
  /** UTC ms: when it was due, not when somebody got to it. */
  readonly dueAtMs: number;
  /** Of its last part. */
  observedAtMs: number | undefined;
  decidedAtMs: number | undefined;
}

/** Bytes that EVENTS took. */
export interface EventBytes {
  /** Ticks and progress: purged when their minutes are recorded. */
  transport: number;
  kept: number;
}

export interface TickWatch {
  ticks(): readonly TickTimes[];
  readonly bytes: EventBytes;
  stop(): Promise<void>;
}

const connectBare = ({ machine }: Bed): Promise<NatsConnection> => {
  const { run, secrets } = machine;
  const login = natsLoginOf('reader', secrets, run.givenNatsLogin);
  return connect({
    servers: run.natsUrl,
    ...(login === null ? {} : { user: login.user, pass: login.password }),
    inboxPrefix: `_INBOX.${login?.user ?? 'reader'}`,
  });
};

class Notes {
  readonly byTick = new Map<string, TickTimes>();
  readonly bytes: EventBytes = { transport: 0, kept: 0 };

  take(message: JsMsg): void {
    const [, , partition, tail, ...more] = message.subject.split('.');
    const isTransport = more.length === 0 && (tail === 'ticks' || tail === 'progress');
    const id = message.headers?.get(idHeader) ?? '';
    const body = Number(message.headers?.get(sizeHeader) ?? 0);
    const size = recordBytes + message.subject.length + idHeader.length + id.length + body;
    this.bytes[isTransport ? 'transport' : 'kept'] += size;
    const dueAtMs = Number(tickOf.exec(id)?.[1]);
    if (!isTransport || Number.isNaN(dueAtMs)) return;
    const key = `${partition} ${dueAtMs}`;
    const none = { observedAtMs: undefined, decidedAtMs: undefined };
    const known = this.byTick.get(key) ?? { partition: Number(partition), dueAtMs, ...none };
    const storedAtMs = Math.floor(message.info.timestampNanos / nanosPerMs);
    known[tail === 'ticks' ? 'observedAtMs' : 'decidedAtMs'] = storedAtMs;
    this.byTick.set(key, known);
  }
}

/** Watches from now on. Rejects when the log cannot be read. */
export const watchTicks = async (bed: Bed): Promise<TickWatch> => {
  const connection = await connectBare(bed);
  const { lastSeq } = await bed.log.events.state();
  const options = { opt_start_seq: lastSeq + 1, headers_only: true };
  const consumer = await jetstream(connection).consumers.get(streams.events, options);
  const messages = await consumer.consume({ max_messages: messagesAhead });
  const notes = new Notes();
  const read = async (): Promise<void> => {
    for await (const message of messages) notes.take(message);
  };
  const done = read();
  return {
    ticks: () => [...notes.byTick.values()],
    bytes: notes.bytes,
    stop: async () => {
      messages.stop();
      await done.catch(() => undefined);
      await connection.close();
    },
  };
};
