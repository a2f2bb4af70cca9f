/** Two routers that decide otherwise at once, each held back where it hurts. */
import type { Routing } from '@flyball/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ClusterAccess, connectCluster } from '../cluster-access.ts';
import {
  type AnsweringServer,
  type SentCall,
  startAnsweringServer,
} from '../testing/answering-server.ts';
import { routingOfService } from './public-service.ts';
import { createRouter } from './router.ts';
import { activatorSlice, addressesIn, endpointPods } from './testing/routed-objects.ts';
import { createVersionedObjects, type VersionedObjects } from './testing/versioned-objects.ts';

const activators = ['10.0.9.1', '10.0.9.2'];
let objects: VersionedObjects;
let server: AnsweringServer;
let access: ClusterAccess;
/** A call that this holds for waits for what it answers. */
let hold: (call: SentCall) => Promise<void> | undefined;

const route = (writer: string, routing: Routing, podCount = 3): Promise<void> => {
  const pods = endpointPods(1, podCount);
  const sources = { pods: () => pods, activators: () => [activatorSlice(activators)] };
  return createRouter({ access, sources, fieldManager: writer }).route('default/web', routing);
};

/** Holds one call back, the first of `writer` with `method`, from when it came until `go`. */
const holdBack = (writer: string, method: string) => {
  const come = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  hold = (call) => {
    if (call.method !== method || !call.path.endsWith(`fieldManager=${writer}`)) return undefined;
    hold = () => undefined;
    come.resolve();
    return go.promise;
  };
  return { come: come.promise, go: go.resolve };
};

const writesOf = (writer: string): readonly string[] =>
  server.calls
    .filter(({ path }) => path.endsWith(`fieldManager=${writer}`))
    .map(({ method }) => method);

const said = (): Routing => routingOfService(objects.service());
const led = (): readonly string[] => addressesIn(objects.slices());
const addressesOfPods = (count: number): readonly string[] =>
  endpointPods(1, count)
    .flatMap(({ ips }) => ips)
    .sort();

beforeEach(async () => {
  objects = createVersionedObjects();
  hold = () => undefined;
  server = await startAnsweringServer(async (call) => {
    await hold(call);
    return objects.answer(call);
  });
  access = connectCluster({ kubeconfig: server.kubeconfig, namespaces: [] });
});

afterEach(async () => {
  await access.close();
  await server[Symbol.asyncDispose]();
});

it('writes once on the Service and once its slice for each turn', async () => {
  await route('first', 'pods');
  expect(writesOf('first')).toEqual(['PATCH', 'POST']);
  await route('second', 'activator');
  expect([writesOf('second'), led()]).toEqual([['PATCH', 'PUT'], activators]);
  await route('third', 'pods');
  expect([writesOf('third'), led()]).toEqual([['PATCH', 'PUT'], addressesOfPods(3)]);
  await route('fourth', 'pods');
  expect(writesOf('fourth')).toEqual([]);
});

it('refuses the write by an older decision, where the newer one finds all as it is', async () => {
  await route('before', 'pods');
  // Given one that has decided for the activators and is about to lead there,
  const { come, go } = holdBack('older', 'PUT');
  const older = route('older', 'activator');
  await come;
  // When another one decides for the pods, where the slices still lead,
  await route('newer', 'pods');
  go();
  // Then the older one is told, and they lead where the Service says.
  await expect(older).rejects.toMatchObject({ code: 'PLATFORM_CONFLICT' });
  expect([said(), led()]).toEqual(['pods', addressesOfPods(3)]);
  expect(writesOf('newer')).toEqual(['PATCH', 'PUT']);
});

it('finds slices that were led elsewhere before its decision, and after it saw them', async () => {
  await route('before', 'pods');
  objects.decide('activator');
  // Given one that has seen the slices lead to the pods, and is about to decide for them,
  const { come, go } = holdBack('newer', 'PATCH');
  const newer = route('newer', 'pods');
  await come;
  // When another one leads to the activators meanwhile,
  await route('older', 'activator');
  expect(led()).toEqual(activators);
  go();
  await newer;
  // Then it leads them back.
  expect([said(), led()]).toEqual(['pods', addressesOfPods(3)]);
});

it('leaves no slice by an older decision that was carried out in part', async () => {
  await route('before', 'pods', 250);
  await route('before', 'activator', 250);
  // Given one that has decided for many pods, and is about to make the slices for them,
  const { come, go } = holdBack('older', 'POST');
  const older = route('older', 'pods', 250);
  await come;
  // When another one decides for the activators, where the one slice still leads,
  await route('newer', 'activator', 250);
  go();
  // Then what the older one made until it was refused is gone.
  await expect(older).rejects.toMatchObject({ code: 'PLATFORM_CONFLICT' });
  expect([said(), led()]).toEqual(['activator', activators]);
});
