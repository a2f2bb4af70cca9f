/** A log that lost its tail: named once, nothing doubled, replicas hold, and all go on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until, World, workload } from './shells-bed.ts';
import { buses } from './shells-buses.ts';

describe.each(buses)('a log on %s that lost its tail', (_name, openBus) => {
  let world: World;

  beforeEach(async () => {
    world = await World.open(openBus);
  });
  afterEach(() => world.end());

  it('is named once in each partition, and everything goes on', async () => {
    const { bus } = world;
    await world.begin();
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
    await world.restartAll();
    await until('ticks go on', async () => ((await after()) > 6 ? true : undefined));
    expect((await world.of('LogTruncated')).length).toBe(named.length);
    expect(world.replicas()).toBeGreaterThanOrEqual(6);
    await world.expectEachOnce();
  });
});
