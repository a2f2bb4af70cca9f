/** The first connection: tried for a limited time, refused users told at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OutsideError } from '@flyball/contracts';
import { errors, type NatsConnection } from '@nats-io/nats-core';
import { connect, type NodeConnectionOptions } from '@nats-io/transport-node';
import { defaultEventLogLimits, type EventLogLimits, pingIntervalMs } from './limits.ts';
import { Link } from './link.ts';

export interface ConnectOptions {
  /** `nats://127.0.0.1:4222`; those of a cluster as a list, or in one text with commas between. */
  readonly servers: string | readonly string[];
  readonly user?: string;
  readonly password?: string;
  /** How this connection is called in the server's own lists. */
  readonly name: string;
  /** Replies go below this; `_INBOX.<user>` by default, which is all that a user may read. */
  readonly inboxPrefix?: string;
  /** Those of a cluster that a server tells of are not tried: they cannot be reached from here. */
  readonly ownServersOnly?: boolean;
  /** Stops waiting for the first connection. */
  readonly signal?: AbortSignal;
  readonly limits?: Partial<EventLogLimits>;
}

const oneTryMs = 2_000;

const natsOptions = (options: ConnectOptions, limits: EventLogLimits): NodeConnectionOptions => {
  const { user, password } = options;
  const inboxPrefix = options.inboxPrefix ?? (user === undefined ? undefined : `_INBOX.${user}`);
  return {
    servers: [options.servers].flat().flatMap((servers) => servers.split(',')),
    name: options.name,
    ...(user === undefined ? {} : { user, pass: password ?? '' }),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    ignoreClusterUpdates: options.ownServersOnly ?? false,
    maxReconnectAttempts: -1,
    reconnectTimeWait: limits.reconnectPauseMs,
    reconnectJitter: limits.reconnectPauseMs,
    timeout: oneTryMs,
    pingInterval: pingIntervalMs,
    // A stack per request costs more than the request.
    noAsyncTraces: true,
  };
};

const refused = (options: ConnectOptions, error: unknown): OutsideError =>
  new OutsideError(
    'NATS_REFUSED',
    `NATS at ${options.servers} refused user ${JSON.stringify(options.user ?? '')}. ` +
      `Check the user and the password.`,
    { retriable: false, cause: error },
  );

const unreachable = (options: ConnectOptions, limitMs: number, error: unknown): OutsideError =>
  new OutsideError(
    'NATS_UNREACHABLE',
    `No NATS at ${options.servers} within ${limitMs} ms. Check that it runs and that the URL is ` +
      `right: nats-server -js, or \`flyball up\`, starts one.`,
    { retriable: true, cause: error },
  );

const isRefusal = (error: unknown): boolean =>
  error instanceof errors.AuthorizationError ||
  (error instanceof Error && error.cause instanceof errors.AuthorizationError);

const connectWithin = async (
  options: ConnectOptions,
  limits: EventLogLimits,
): Promise<NatsConnection> => {
  const deadlineMs = performance.now() + limits.firstConnectMs;
  for (;;) {
    try {
      return await connect(natsOptions(options, limits));
    } catch (error) {
      if (isRefusal(error)) throw refused(options, error);
      options.signal?.throwIfAborted();
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) throw unreachable(options, limits.firstConnectMs, error);
      await sleep(Math.min(leftMs, limits.reconnectPauseMs), undefined, {
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    }
  }
};

/**
 * Connects and stays connected: reconnects for ever once the first connection stood.
 * Throws OutsideError NATS_UNREACHABLE after `firstConnectMs`, NATS_REFUSED at once.
 */
export const openLink = async (options: ConnectOptions): Promise<Link> => {
  const limits = { ...defaultEventLogLimits, ...options.limits };
  return new Link(await connectWithin(options, limits), limits);
};
