/** The event log on NATS JetStream. */
import { buckets, streams } from '@flyball/contracts';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { EventLog } from './event-log.ts';
import { type ConnectOptions, openLink } from './jetstream/connect.ts';
import type { Link } from './jetstream/link.ts';
import type { Session } from './jetstream/message-store.ts';
import { NatsBucket } from './jetstream/nats-bucket.ts';
import { NatsStream } from './jetstream/nats-stream.ts';
import { Slots } from './jetstream/slots.ts';

const sessionOver = async (link: Link): Promise<Session> => {
  const { connection, limits } = link;
  const asking = { timeout: limits.tryMs, checkAPI: false };
  return {
    link,
    js: jetstream(connection, asking),
    manager: await jetstreamManager(connection, asking),
    purger: await jetstreamManager(connection, { ...asking, timeout: limits.purgeMs }),
  };
};

const eventLogOver = async (link: Link): Promise<EventLog> => {
  const session = await sessionOver(link);
  const slots = new Slots(link.limits.appendsInFlight);
  const stream = (name: string) => new NatsStream(name, session, slots);
  const kvm = new Kvm(session.js);
  // Whoever asks whether an owner lives wants the leader's word: a replica's may be an older one.
  const bucket = async (name: string) => {
    const kv = await kvm.open(name, { allow_direct: name !== buckets.leases });
    return new NatsBucket(name, kv, session);
  };
  return {
    events: stream(streams.events),
    samples: stream(streams.samples),
    minutes: stream(streams.minutes),
    deadLetters: stream(streams.deadLetters),
    leases: await bucket(buckets.leases),
    snapshots: await bucket(buckets.snapshots),
    serverVersion: link.connection.info?.version ?? 'unknown',
    status: () => link.status,
    connection: () => link.connectionNumber,
    onStatus: (listener) => link.onStatus(listener),
    close: () => link.close(slots.idle()),
  };
};

/**
 * Connects to NATS. The streams may be made later (`createStreams`): calls then say
 * NATS_STREAM_MISSING. Throws OutsideError NATS_UNREACHABLE when there is no first connection
 * within `limits.firstConnectMs`, NATS_REFUSED at once when user or password are wrong.
 */
export const connectEventLog = async (options: ConnectOptions): Promise<EventLog> =>
  eventLogOver(await openLink(options));
