/** The JetStream adapter passes the contract on every NATS version that this machine has. */
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { monotonicClock } from './clock.ts';
import { type Contract, describeEventLogContract } from './contract.ts';
import type { EventLog } from './event-log.ts';
import { createStreams } from './jetstream/create-streams.ts';
import { connectEventLog } from './jetstream.ts';
import {
  availableNatsServers,
  type NatsServerBinary,
  startNatsServer,
} from './testing/nats-server.ts';

const servers = await availableNatsServers();

const contractOn = (binary: NatsServerBinary): Contract => ({
  name: `nats-server ${binary.version}`,
  open: async (options = {}) => {
    const server = await startNatsServer({ binary });
    await createStreams({ servers: server.url, name: 'set-up' }, options);
    const logs: EventLog[] = [];
    return {
      connect: async () => {
        const log = await connectEventLog({ servers: server.url, name: 'contract' });
        logs.push(log);
        return log;
      },
      clock: monotonicClock,
      pass: (durationMs) => sleep(durationMs),
      [Symbol.asyncDispose]: async () => {
        await Promise.all(logs.map((log) => log.close()));
        await server.stop();
      },
    };
  },
});

for (const binary of servers) describeEventLogContract(contractOn(binary));

if (!servers.some(({ version }) => version.startsWith('2.14.'))) {
  test.skip('event log on nats-server 2.14: not installed; run the set-up to build it', () => {});
}
if (servers.length === 0) {
  test('a nats-server is installed', () => {
    throw new Error('No nats-server was found: run the set-up, or put one on PATH.');
  });
}
