/** What a call that waits for the connection leaves behind when it gives up. */
import type { NatsConnection } from '@nats-io/nats-core';
import { expect, it } from 'vitest';
import { defaultEventLogLimits } from './limits.ts';
import { Link } from './link.ts';

/** A connection that is lost at once and never comes back. */
const lostConnection = (): NatsConnection => {
  const status = async function* () {
    yield { type: 'disconnect' };
    await new Promise(() => undefined);
  };
  const connection = { status, getServer: () => 'nats://away:4222' };
  return connection as unknown as NatsConnection;
};

/** Counts those who listen to its status. */
class CountingLink extends Link {
  listeners = 0;

  override onStatus(listener: Parameters<Link['onStatus']>[0]): () => void {
    const stop = super.onStatus(listener);
    this.listeners += 1;
    return () => {
      stop();
      this.listeners -= 1;
    };
  }
}

it('a call that gave up on a lost connection does not listen for its return', async () => {
  const link = new CountingLink(lostConnection(), { ...defaultEventLogLimits, callMs: 20 });
  await expect.poll(() => link.status).toBe('disconnected');
  const call = link.untilAnswered('Asking', () => Promise.resolve('answered'));
  expect(link.listeners).toBe(1);
  await expect(call).rejects.toMatchObject({ code: 'NATS_UNREACHABLE', retriable: true });
  expect(link.listeners).toBe(0);
});
