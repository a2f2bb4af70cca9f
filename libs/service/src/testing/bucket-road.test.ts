/** The way to a bucket hides nothing from it. */
import { startMemoryServer } from '@flyball/event-log';
import { expect, it } from 'vitest';
import { bucketOver } from './bucket-road.ts';

it('writes over the connection that is asked for, or not at all', async () => {
  const log = startMemoryServer().connect();
  const snapshots = bucketOver(log.snapshots, async () => undefined);
  const earlier = log.connection();
  log.disconnect();
  log.reconnect();
  const putting = snapshots.put('key', new Uint8Array(), earlier);
  await expect(putting).rejects.toMatchObject({ code: 'NATS_RECONNECTED' });
  expect(await snapshots.put('key', new Uint8Array(), log.connection())).toBe(1);
});
