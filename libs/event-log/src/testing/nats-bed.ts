/** A NATS server with streams and connections, all ended together. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type NatsUser, natsPermissions, natsUsers } from '@flyball/contracts';
import { monotonicClock } from '../clock.ts';
import type { ContractBed } from '../contract/bed.ts';
import type { EventLog } from '../event-log.ts';
import type { ConnectOptions } from '../jetstream/connect.ts';
import { createStreams } from '../jetstream/create-streams.ts';
import type { StreamOptions } from '../jetstream/wanted-streams.ts';
import { connectEventLog } from '../jetstream.ts';
import { type NatsServerBinary, type RunningNatsServer, startNatsServer } from './nats-server.ts';

/** The password of every user of `penUsersConfig`. */
export const testPassword = 'only-for-tests';

/** Server configuration with one user per stage and its permissions, as production has it. */
export const penUsersConfig = (): string => {
  const users = natsUsers.map((user) => ({
    user,
    password: testPassword,
    permissions: natsPermissions(user),
  }));
  return `authorization: { users: ${JSON.stringify(users)} }`;
};

export interface NatsBed extends ContractBed {
  readonly server: RunningNatsServer;
  /** Connects by another way, a proxy for instance. */
  connectTo(url: string): Promise<EventLog>;
  /** Connects as one of the users of `penUsersConfig`. */
  connectAs(user: NatsUser, options?: Partial<ConnectOptions>): Promise<EventLog>;
}

export interface NatsBedOptions {
  readonly binary: NatsServerBinary;
  readonly configText?: string;
  readonly streams?: Partial<StreamOptions>;
  /** Who makes the streams; nobody by default, for servers without users. */
  readonly admin?: { readonly user: string; readonly password: string };
}

/** Starts a server and makes the streams. */
export const openNatsBed = async (options: NatsBedOptions): Promise<NatsBed> => {
  const { binary, configText = '', admin = {}, streams = {} } = options;
  const server = await startNatsServer({ binary, configText });
  const logs: EventLog[] = [];
  const connectWith = async (how: Partial<ConnectOptions>): Promise<EventLog> => {
    const log = await connectEventLog({ servers: server.url, name: 'test', ...how });
    logs.push(log);
    return log;
  };
  const end = async () => {
    await Promise.all(logs.map((log) => log.close()));
    await server.stop();
  };
  try {
    await createStreams({ servers: server.url, name: 'set-up', ...admin }, streams);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    server,
    connect: () => connectWith(admin),
    connectTo: (url) => connectWith({ ...admin, servers: url }),
    connectAs: (user, how) => connectWith({ user, password: testPassword, ...how }),
    clock: monotonicClock,
    pass: (durationMs) => sleep(durationMs),
    [Symbol.asyncDispose]: end,
  };
};
