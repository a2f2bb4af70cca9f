/** Stories of a round in which the API server refuses one of the objects of a Knative Service. */
import { OutsideError } from '@flyball/contracts';
import { expect, it } from 'vitest';
import { reconcileService } from './reconcile-service.ts';
import { mark } from './serving-names.ts';
import { ServiceWorld, sampleService } from './testing/service-world.ts';

const first = 'autoscale-go-00001-deployment';
const second = 'autoscale-go-00002-deployment';

/** One round, in which what is written to the named object is denied. */
const reconcile = async (world: ServiceWorld, denied: string) => {
  const writes: string[] = [];
  const statuses: object[] = [];
  const write = async ({ kind, metadata }: { kind: string; metadata: { name: string } }) => {
    if (metadata.name === denied) {
      throw new OutsideError('PLATFORM_REFUSED', 'denied', { retriable: false });
    }
    writes.push(`${kind} ${metadata.name} ${JSON.stringify(metadata)}`);
  };
  const writer = {
    ...{ create: write, replace: write, remove: write },
    replaceStatus: async (_: unknown, status: object) => void statuses.push(status),
  };
  const { observed, settings } = world;
  await reconcileService(
    world.service,
    { observed, settings },
    { writer, events: { record: async () => undefined }, isHeld: () => true },
  );
  return { writes, statuses };
};

const refused = expect.objectContaining({
  conditions: expect.arrayContaining([
    expect.objectContaining({ type: 'Ready', status: 'False', reason: 'Refused' }),
  ]),
});

/** Its second revision is ready, and traffic is to move. */
const beforeTheMove = (revisionsKept: number) => {
  const world = new ServiceWorld(sampleService('scene-1.template.yaml'), { revisionsKept });
  world.settle();
  world.run(first, { replicas: 1, ready: 1 });
  world.settle();
  world.edit({ template: { spec: { containers: [{ image: 'registry.example/app:2' }] } } });
  world.settle();
  world.run(second, { replicas: 1, ready: 1 });
  return world;
};

it('moves the traffic although the older revision cannot be marked, and says so', async () => {
  // When the first Deployment may not be written,
  const { writes, statuses } = await reconcile(beforeTheMove(1), first);
  // Then requests go to the second all the same.
  const moved = writes.find((write) => write.startsWith('Service autoscale-go '));
  expect(moved).toContain(`"${mark.deployment}":"${second}"`);
  expect(statuses).toContainEqual(refused);
});

it('leads nothing to a Deployment that may not be made', async () => {
  const world = new ServiceWorld(sampleService('scene-1.template.yaml'));
  const { writes, statuses } = await reconcile(world, first);
  expect(writes).toEqual([]);
  expect(statuses).toContainEqual(refused);
});

it('removes no revision while the Service may not be led away from it', async () => {
  const { writes } = await reconcile(beforeTheMove(0), 'autoscale-go');
  expect(writes.filter((write) => write.includes(first))).toEqual([]);
});
