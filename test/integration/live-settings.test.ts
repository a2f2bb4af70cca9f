/** Settings that change while everything runs: an event, in force at the next tick. */
import type { RecordedEvent } from '@flyball/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until, World, workload } from './shells-bed.ts';
import { buses } from './shells-buses.ts';

const targetKey = 'autoscaling.knative.dev/target';

describe.each(buses)('live settings on %s', (_name, openBus) => {
  let world: World;

  beforeEach(async () => {
    world = await World.open(openBus);
  });
  afterEach(() => world.end());

  const nth = <Name extends RecordedEvent['type']>(type: Name, count: number) =>
    until(`${type} number ${count}`, async () => (await world.of(type))[count - 1]);
  /** The first tick after an event, and the decision on it. */
  const decidedAfter = async ({ seq }: RecordedEvent) => {
    const partition = (await world.of('PolicySet'))[0]?.partition;
    const tick = await until('the next tick', async () =>
      (await world.of('TickObserved')).find(
        (one) => one.seq > seq && one.partition === partition && one.data.kind === 'tick',
      ),
    );
    return until('its decision', async () =>
      (await world.of('Decided')).find(({ causationId }) => causationId === tick.id),
    );
  };

  it('of the workload and of the cluster are events, and decide at the next tick', async () => {
    await world.begin();
    await world.poke(60);
    await world.replicasReach(6);

    world.platform.configure({ 'max-scale': '4' });
    const capped = await nth('PolicySet', 2);
    expect(capped.data.layers).toMatchObject({ maxScale: 'config-autoscaler' });
    const four = await decidedAfter(capped);
    expect(four.data).toMatchObject({ to: 4, binding: 'max-scale', policyId: capped.id });
    await until('4 replicas', () => (world.replicas() === 4 ? true : undefined));

    world.apply({ [targetKey]: '30', 'autoscaling.knative.dev/max-scale': '5' });
    const annotated = await nth('PolicySet', 3);
    expect(annotated.data).toMatchObject({
      policy: { targetValue: 30, maxScale: 5 },
      layers: { targetValue: 'annotation', maxScale: 'annotation' },
    });
    const five = await decidedAfter(annotated);
    expect(five.data).toMatchObject({ to: 5, policyId: annotated.id });

    world.platform.configure(undefined);
    world.apply();
    await until('as at first', async () => {
      const policies = await world.of('PolicySet');
      const last = policies.at(-1)?.data.policy;
      return JSON.stringify(last) === JSON.stringify(policies[0]?.data.policy) ? true : undefined;
    });
    await world.poke(60);
    await world.replicasReach(6);
  });

  it('that cannot be taken are refused of each workload, once, and change nothing', async () => {
    await world.begin();
    world.platform.configure({ 'max-scale': 'many', 'stable-window': '5s' });
    const refused = await nth('PolicyRefused', 1);
    expect(refused.data.complaints).toMatchObject([
      { key: 'stable-window', value: '5s', allowed: expect.stringContaining('6s to 1h') },
      { key: 'max-scale', value: 'many', allowed: expect.stringContaining('0 (unlimited)') },
    ]);
    await world.stop('watcher');
    await world.start('watcher');
    await world.poke(60);
    await world.replicasReach(6);
    const [inForce, ...others] = await world.of('PolicySet');
    expect(others).toEqual([]);
    expect((await world.of('Decided')).at(-1)?.data.policyId).toBe(inForce?.id);
    expect(await world.of('PolicyRefused')).toHaveLength(1);

    world.platform.configure({ 'max-scale': '5' });
    const mended = await nth('PolicySet', 2);
    expect(mended.data.policy.maxScale).toBe(5);
    expect((await decidedAfter(mended)).data).toMatchObject({ to: 5, policyId: mended.id });
    expect(mended.workload).toBe(workload);
  });
});
