/** Stories of addresses: a subnet for each node, an address for each pod. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { claimAddresses } from './addresses.ts';

const subnetOf = (host: string): string => host.split('.').slice(0, 2).join('.');

describe.skipIf(process.platform !== 'linux')('addresses', () => {
  it('are in another subnet for each node, even when both begin at the same place', async () => {
    const one = await claimAddresses(100);
    const other = await claimAddresses(100);
    expect(subnetOf(one.take().host)).not.toBe(subnetOf(other.take().host));
    await one.close();
    await other.close();
  });

  it('are given to one pod at a time', async () => {
    const addresses = await claimAddresses(100);
    const hosts = Array.from({ length: 600 }, () => addresses.take().host);
    expect(new Set(hosts).size).toBe(600);
    expect(
      hosts.every((host) => /^127\.\d+\.\d+\.([1-9]|\d\d|1\d\d|2[0-4]\d|250)$/.test(host)),
    ).toBe(true);
    await addresses.close();
  });

  it('know when something else listens there', async () => {
    const addresses = await claimAddresses(100);
    const { host, port } = addresses.take();
    expect(await addresses.isFree(host, [port])).toBe(true);
    const server = createServer().listen(port, host);
    await once(server, 'listening');
    expect(await addresses.isFree(host, [port])).toBe(false);
    server.close();
    await once(server, 'close');
    await addresses.close();
  });
});
