/** A log that lost its tail: named once, nothing doubled, replicas hold, and all go on. */
import { afterEach, describe, expect, it } from 'vitest';
import { memoryBus, natsBus, until, World, workload } from './shells-bed.ts';

const shells = ['windower', 'decider', 'actuator', 'watcher'] as const;

describe.each([
  ['memory', memoryBus],
  ['NATS', natsBus],
] as const)('a log on %s that lost its tail', (_name, openBus) => {
  let world: World;

  afterEach(async () => {
    for (const as of [...world.running.keys()]) await world.stop(as);
    await world.log.close();
    await world.bus.close();
    expect(world.crashes).toEqual([]);
  });

  it('is named once in each partition, and everything goes on', async () => {
    const bus = await openBus();
    world = new World(bus, await bus.connect('admin'));
    await Promise.all(shells.map((name) => world.start(name)));
    world.apply();
    await world.replicasReach(1);
    await until('the pod is ready', async () => (await world.of('PodReady'))[0]);
    await bus.keep();
    await world.poke(60);
    await world.replicasReach(6);
    await until('written', async () => (await world.of('ScaleApplied'))[1]);
    const heldMs = Date.now();
    await bus.goBack();
    const after = async () =>
      (await world.of('TickObserved')).filter(({ atMs }) => atMs > heldMs).length;
    await until('ticks go on', async () => ((await after()) > 3 ? true : undefined));
    await until('the decider goes on', async () =>
      (await world.of('DecidedThrough')).find(({ atMs }) => atMs > heldMs),
    );
    expect(world.replicas()).toBeGreaterThanOrEqual(6);
    const named = await until('named', async () => {
      const found = await world.of('LogTruncated');
      return found.length > 0 ? found : undefined;
    });
    expect(new Set(named.map(({ partition }) => partition)).size).toBe(named.length);
    expect(named[0]?.data).toMatchObject({ stage: 'watcher' });
    // Far more than before, as no source has covered the seconds in between.
    await world.poke(600);
    await world.replicasReach(9);
    await until('the scale is told', async () =>
      (await world.of('ScaleApplied')).find(
        (event) => event.workload === workload && event.atMs > heldMs,
      ),
    );
    // Every service that comes anew finds the same log, and names nothing again.
    for (const name of shells) {
      await world.stop(name);
      await world.start(name);
    }
    await until('ticks go on', async () => ((await after()) > 6 ? true : undefined));
    expect((await world.of('LogTruncated')).length).toBe(named.length);
    expect(world.replicas()).toBeGreaterThanOrEqual(6);
    await world.expectEachOnce();
  });
});
