/** The four shells together in one process: from a sample to a scale, and through their deaths. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shells, until, World, workload } from './shells-bed.ts';
import { buses } from './shells-buses.ts';

describe.each(buses)('the shells on %s', (_name, openBus) => {
  let world: World;

  beforeEach(async () => {
    world = await World.open(openBus);
  });
  afterEach(() => world.end());

  it('write the workload down, decide its initial scale, and scale a burst', async () => {
    const { platform } = world;
    await world.startAll();
    world.apply();
    expect(await world.replicasReach(1)).toBe(1);
    await until('a pod is known', async () => (await world.of('PodReady'))[0]);
    await world.poke(60);
    expect(await world.replicasReach(6)).toBeGreaterThanOrEqual(6);
    const types = new Set((await world.events()).map((event) => event.type));
    for (const type of [
      'WorkloadAppeared',
      'PolicySet',
      'TickObserved',
      'Decided',
      'ScaleApplied',
    ] as const) {
      expect(types).toContain(type);
    }
    expect(platform.routingOf(workload)).toBe('activator');
  });

  it('go on where they were when each is ended and started anew', async () => {
    await world.begin();
    await world.restartAll();
    expect(world.replicas()).toBe(1);
    await world.poke(80);
    await world.replicasReach(8);
    const appeared = await world.of('WorkloadAppeared');
    const policies = await world.of('PolicySet');
    expect([appeared.length, policies.length]).toEqual([1, 1]);
  });

  it('put a drift right and record who did it', async () => {
    const { platform } = world;
    await world.startAll();
    world.apply();
    await world.replicasReach(1);
    await until('recorded', async () => (await world.of('ScaleApplied'))[0]);
    platform.writeReplicas(workload, 5, 'kubectl');
    await until('put right', () => (world.replicas() === 1 ? true : undefined));
    const [drift] = await until('told', async () => {
      const drifts = await world.of('ReplicasDrifted');
      return drifts.length > 0 ? drifts : undefined;
    });
    expect(drift?.data).toMatchObject({ expected: 1, observed: 5, fieldManager: 'kubectl' });
  });

  it('hold still and go on when the bus dies and comes back, and Redis is emptied', async () => {
    await world.begin();
    world.windows.flush();
    await world.bus.restart();
    expect(world.replicas()).toBe(1);
    const ticks = (await world.of('TickObserved')).length;
    await until('ticks go on', async () =>
      (await world.of('TickObserved')).length > ticks + 2 ? true : undefined,
    );
    await world.poke(60);
    await world.replicasReach(6);
    await world.expectEachOnce();
  });

  it('with two of each alive, write each fact once', async () => {
    await Promise.all(
      shells.flatMap((name) => [world.start(name), world.start(name, `${name} two`)]),
    );
    world.apply();
    await world.oneReady();
    await Promise.all(shells.map((name) => world.stop(name)));
    await world.poke(60);
    await world.replicasReach(6);
    await world.expectEachOnce();
    expect((await world.of('WorkloadAppeared')).length).toBe(1);
  });
});
