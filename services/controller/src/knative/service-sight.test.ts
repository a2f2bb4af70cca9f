/** Whose turn it is when an object changes that may be, or may have been, a Knative Service's. */
import { expect, it } from 'vitest';
import type { ClusterCaches } from '../cluster-caches.ts';
import type { ClusterObject } from '../objects/cluster-object.ts';
import { heldCache } from '../testing/held-cache.ts';
import { openServiceSight } from './service-sight.ts';
import { servingLabel } from './serving-names.ts';

const objectOf = (name: string, service?: string): ClusterObject => ({
  ...{ apiVersion: 'v1', kind: 'Service' },
  metadata: {
    ...{ namespace: 'shop', name, uid: name },
    ...(service === undefined ? {} : { labels: { [servingLabel.service]: service } }),
  },
});

const openSight = (services: ReturnType<typeof heldCache>) => {
  const added: string[] = [];
  const caches = {
    ...{ services, deployments: heldCache(), podAutoscalers: heldCache(), routes: heldCache() },
    ...{ knativeServices: heldCache(objectOf('hello')), revisionPods: heldCache() },
    onConfig: () => () => undefined,
  } as unknown as ClusterCaches;
  const listener = { add: (key: string) => void added.push(key), addAll: () => undefined };
  return { added, stop: openServiceSight(caches, listener).stop };
};

it('is that of its name when a Service of nobody goes', () => {
  const [inTheWay, another] = [objectOf('hello'), objectOf('other')];
  const services = heldCache(inTheWay, another);
  const { added, stop } = openSight(services);
  services.remove(another);
  expect(added).toEqual([]);
  services.remove(inTheWay);
  expect(added).toEqual(['shop/hello']);
  stop();
});

it('is that of the label which somebody took away', () => {
  const services = heldCache(objectOf('hello-00001-private', 'hello'));
  const { added, stop } = openSight(services);
  services.put(objectOf('hello-00001-private'));
  expect(added).toEqual(['shop/hello']);
  stop();
});
