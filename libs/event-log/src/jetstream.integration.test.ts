/** The JetStream adapter passes the contract on every NATS version that this machine has. */
import { test } from 'vitest';
import { describeEventLogContract } from './contract.ts';
import { openNatsBed } from './testing/nats-bed.ts';
import { availableNatsServers } from './testing/nats-server.ts';

const servers = await availableNatsServers();

for (const binary of servers) {
  describeEventLogContract({
    name: `nats-server ${binary.version}`,
    open: (streams = {}) => openNatsBed({ binary, streams }),
  });
}

if (!servers.some(({ version }) => version.startsWith('2.14.'))) {
  test.skip('event log on nats-server 2.14: not installed; run the set-up to build it', () => {});
}
if (servers.length === 0) {
  test('a nats-server is installed', () => {
    throw new Error('No nats-server was found: run the set-up, or put one on PATH.');
  });
}
