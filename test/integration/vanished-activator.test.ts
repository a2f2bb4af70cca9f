/** Activators that are killed, that end, and that live: what the watcher says of their requests. */
import {
  chainStart,
  encodeEvent,
  eventFrom,
  followsChain,
  partitionOf,
  subjectOf,
} from '@flyball/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until, World, workload } from './shells-bed.ts';
import { buses } from './shells-buses.ts';

const beat = new TextEncoder().encode('{}');
const beatEveryMs = 500;

describe.each(buses)('requests held on %s', (_name, openBus) => {
  let world: World;
  let beating: NodeJS.Timeout | undefined;

  beforeEach(async () => {
    world = await World.open(openBus);
  });
  afterEach(async () => {
    clearInterval(beating);
    await world.end();
  });

  const count = async (instance: string, waiting: number): Promise<void> => {
    const event = eventFrom({
      ...{
        type: 'RequestsCounted',
        pen: 'requests',
        workload,
        partition: partitionOf(workload, 2),
      },
      source: `/flyball/activator/${instance}`,
      cause: { id: `${instance}:1`, atMs: Date.now() },
      data: {
        ...{ held: waiting, released: 0, timedOut: 0, shed: 0, abandoned: 0 },
        ...{ waiting, waitedMaxMs: 0 },
      },
    });
    const { body } = encodeEvent(event, chainStart);
    expect(followsChain(chainStart, body)).toBe(true);
    await world.log.events.append({ subject: subjectOf(event, instance), id: event.id, body });
  };

  it('are lost with the one that was killed, and only with that one', async () => {
    await world.start('watcher');
    world.apply();
    await until('known', async () => (await world.of('WorkloadAppeared'))[0]);
    const { leases } = world.log;
    for (const instance of ['killed-1', 'alive-1', 'ended-1']) {
      await leases.put(`activator.${instance}`, beat);
    }
    beating = setInterval(() => void leases.put('activator.alive-1', beat), beatEveryMs);
    await count('killed-1', 3);
    await count('alive-1', 2);
    // At its end an activator releases or refuses what it holds, counts that, takes its key back.
    await count('ended-1', 0);
    await leases.delete('activator.ended-1');
    const lost = await until('told', async () => (await world.of('RequestsLost'))[0]);
    expect(lost).toMatchObject({ workload, data: { instance: 'killed-1', lost: 3 } });
    // Told once: also not again by the next owner, who folds what was said.
    await world.stop('watcher');
    await world.start('watcher');
    const seenMs = Date.now();
    await until('time to say it again', () => (Date.now() - seenMs > 6_000 ? true : undefined));
    expect((await world.of('RequestsLost')).length).toBe(1);
  });
});
