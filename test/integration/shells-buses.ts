/** The buses of the shells' stories: in memory and real NATS, which die, come back and go back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { natsPermissions, natsUsers } from '@flyball/contracts';
import {
  connectEventLog,
  createStreams,
  type EventLog,
  type MemoryEventLog,
  startMemoryServer,
} from '@flyball/event-log';
import { availableNatsServers, startNatsServer } from '@flyball/event-log/testing';

export const partitionCount = 2;

export type ShellName = 'windower' | 'decider' | 'actuator' | 'watcher' | 'collector';

export interface Bus {
  /** Where services of other processes reach it; empty in memory. */
  readonly url: string;
  /** Connects with the rights of this user, where the bus knows users. */
  connect(user: ShellName | 'keeper' | 'admin'): Promise<EventLog>;
  /** Kills the server and starts it again on what it had stored. */
  restart(): Promise<void>;
  /** Remembers what is stored now. */
  keep(): Promise<void>;
  /** Kills the server; it comes back with what was kept and nothing newer. */
  goBack(): Promise<void>;
  close(): Promise<void>;
}

export const memoryBus = async (): Promise<Bus> => {
  const server = startMemoryServer({ partitionCount, nowMs: () => Date.now() });
  const connected: MemoryEventLog[] = [];
  const names = ['EVENTS', 'SAMPLES', 'MINUTES'] as const;
  const kept = new Map<(typeof names)[number], number>();
  const streamsOf = ({ events, samples, minutes }: EventLog) => [events, samples, minutes];
  return {
    url: '',
    connect: async () => {
      const log = server.connect();
      connected.push(log);
      return log;
    },
    restart: async () => {
      for (const log of connected) log.disconnect();
      await sleep(300);
      for (const log of connected) if (log.status() !== 'closed') log.reconnect();
    },
    keep: async () => {
      for (const stream of streamsOf(server.connect())) {
        const name = names.find((one) => one === stream.name);
        if (name !== undefined) kept.set(name, (await stream.state()).lastSeq);
      }
    },
    goBack: async () => {
      for (const log of connected) log.disconnect();
      await sleep(300);
      for (const [name, seq] of kept) server.loseTail(name, seq);
      for (const log of connected) if (log.status() !== 'closed') log.reconnect();
    },
    close: async () => undefined,
  };
};

export const password = 'shells';

export const natsBus = async (): Promise<Bus> => {
  const [binary] = await availableNatsServers();
  if (binary === undefined) throw new Error('nats-server is not installed');
  const users = natsUsers.map((user) => ({ user, password, permissions: natsPermissions(user) }));
  const configText = `authorization { users: ${JSON.stringify(users)} }`;
  const server = await startNatsServer({ binary, configText });
  const admin = { servers: server.url, name: 'set-up', user: 'admin', password };
  await createStreams(admin, { partitionCount });
  return {
    url: server.url,
    connect: (user) => connectEventLog({ servers: server.url, name: user, user, password }),
    restart: () => server.restart(),
    keep: () => server.keepStore(),
    goBack: () => server.goBack(),
    close: () => server.stop(),
  };
};

/** For `describe.each`: the stories hold on both. */
export const buses = [
  ['memory', memoryBus],
  ['NATS', natsBus],
] as const;
