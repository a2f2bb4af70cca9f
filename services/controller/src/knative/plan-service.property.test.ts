/** Whatever somebody writes into a Knative Service, it is judged, and the plan comes to rest. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KnativeService } from './knative-service.ts';
import { ServiceWorld, sampleService } from './testing/service-world.ts';

const seed = 20_260_101;
const runs = 600;

const anything = fc.jsonValue({ maxDepth: 3 });
const maybe = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 15, arbitrary: value }, anything);

const image = maybe(fc.constant('registry.example/app:1'));
const texts = maybe(fc.dictionary(fc.string(), maybe(fc.string()), { maxKeys: 2 }));
const container = fc.record(
  {
    name: maybe(fc.constant('app')),
    image,
    ports: maybe(
      fc.array(
        maybe(
          fc.record({ containerPort: maybe(fc.integer({ min: 1, max: 65_535 })), name: anything }),
        ),
      ),
    ),
    env: maybe(fc.array(maybe(fc.record({ name: maybe(fc.string()), value: maybe(fc.string()) })))),
    readinessProbe: maybe(fc.record({ httpGet: maybe(fc.record({ path: anything })) })),
  },
  { requiredKeys: ['image'] },
);
const template = fc.record(
  {
    metadata: maybe(fc.record({ annotations: texts, labels: texts }, { requiredKeys: [] })),
    spec: maybe(
      fc.record(
        {
          containers: maybe(fc.array(maybe(container), { minLength: 1, maxLength: 2 })),
          containerConcurrency: maybe(fc.nat({ max: 1_000 })),
          timeoutSeconds: maybe(fc.nat({ max: 600 })),
        },
        { requiredKeys: ['containers'] },
      ),
    ),
  },
  { requiredKeys: ['spec'] },
);
const spec = fc.record(
  {
    template: maybe(template),
    traffic: maybe(
      fc.array(
        maybe(fc.record({ revisionName: anything, percent: anything }, { requiredKeys: [] })),
      ),
    ),
    runLatest: maybe(
      fc.record({ configuration: maybe(fc.record({ revisionTemplate: anything })) }),
    ),
  },
  { requiredKeys: [] },
);

it('never throws, and is written once', () => {
  let served = 0;
  const property = fc.property(maybe(spec), maybe(spec), (first, then) => {
    const world = new ServiceWorld({
      ...sampleService('scene-1.template.yaml'),
      spec: first as KnativeService['spec'] & {},
    });
    world.settle();
    world.edit(then as KnativeService['spec']);
    world.settle();
    const ready = world.service.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready?.status).toMatch(/^(False|Unknown)$/);
    if (world.names().length > 0) served += 1;
  });
  fc.assert(property, { seed, numRuns: runs });
  // Some of them could be served: it is not all refused at the door.
  expect(served).toBeGreaterThan(runs / 50);
});
