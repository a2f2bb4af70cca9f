/** What becomes of public Services while a part of the cluster is not seen, or is seen late. */
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { expect, it } from 'vitest';
import type { ManagedWorkloads } from './managed-workloads.ts';
import {
  activators,
  asked,
  deployment,
  ofKubernetes,
  ofUser,
  openCluster,
  pod,
  publicService,
  slicesLed,
  startLoop,
} from './testing/endpoints-story.ts';

const withAnnotations = (added: object) => ({
  ...publicService,
  metadata: {
    ...publicService.metadata,
    annotations: { ...publicService.metadata.annotations, ...added },
  },
});
const ledToActivators = withAnnotations({
  'flyball.dev/routing': 'activator',
  'flyball.dev/routed-deployment': 'wbe',
});

it('turns no Service before it is seen whether its Deployment is opted out', async () => {
  // Given a Deployment that is opted out, a Service that leads to its pod while the decision for
  // the activators stays on it, and a controller that has not seen the Deployment yet,
  const optedOut = {
    ...deployment,
    metadata: { ...deployment.metadata, annotations: { 'flyball.dev/enabled': 'false' } },
  };
  const { access, writes } = openCluster({
    service: ledToActivators,
    listed: {
      ...{ [asked.activators]: [activators], [asked.pods]: [pod] },
      ...{ [asked.ours]: slicesLed(ledToActivators, 'pods'), [asked.deployments]: [optedOut] },
    },
  });
  const listed = Promise.withResolvers<void>();
  let isListed = false;
  const request: ClusterAccess['request'] = async (call) => {
    const isOfDeployments = call.path.includes(asked.deployments);
    if (isOfDeployments) await listed.promise;
    isListed ||= isOfDeployments;
    return access.request(call);
  };
  const { look, drain } = await startLoop({ ...access, request });
  // Then nothing is written, and nothing after it is seen either.
  expect(writes).toEqual([]);
  listed.resolve();
  await expect.poll(() => isListed).toBe(true);
  await look();
  expect(writes).toEqual([]);
  await drain();
});

it.each([
  ['the pods', 'pods', ['PUT web-flyball-0']],
  ['the activators', 'activator', []],
] as const)(
  'leaves a Service that leads to %s until its Deployment is seen to be ours',
  async (_, way, turns) => {
    // Given a decision for the activators, and a controller that has not seen the Deployment yet,
    const { access, writes } = openCluster({
      service: ledToActivators,
      listed: {
        ...{ [asked.activators]: [activators], [asked.pods]: [pod] },
        ...{ [asked.ours]: slicesLed(ledToActivators, way), [asked.deployments]: [deployment] },
      },
    });
    const listed = Promise.withResolvers<void>();
    const request: ClusterAccess['request'] = async (call) => {
      if (call.path.includes(asked.deployments)) await listed.promise;
      return access.request(call);
    };
    const { look, drain } = await startLoop({ ...access, request });
    expect(writes).toEqual([]);
    // When it is seen, then the decision is carried out.
    listed.resolve();
    await look();
    await expect.poll(() => writes).toEqual(turns);
    await drain();
  },
);

it('leaves a new Service as it is while its Deployment may or may not be there', async () => {
  const { access, writes } = openCluster({
    service: publicService,
    listed: { [asked.theirs]: [ofKubernetes], [asked.activators]: [activators] },
  });
  // Given Deployments that were listed, and of which no news come any more,
  const managed: ManagedWorkloads = {
    has: () => true,
    presence: () => 'unknown',
    onChange: () => () => undefined,
  };
  const { told, drain } = await startLoop(access, { managed });
  expect([writes, told]).toEqual([[], []]);
  await drain();
});

const turnedBack = {
  metadata: { ...publicService.metadata, annotations: {} },
  spec: { ...publicService.spec, selector: { app: 'wbe' } },
};
const ledToPods = {
  [asked.activators]: [activators],
  [asked.pods]: [pod],
  [asked.deployments]: [deployment],
  [asked.ours]: slicesLed(publicService, 'pods'),
};

it('leaves the new slices of a Service that was turned back, which is seen late', async () => {
  // Given a Service that leads to its pods, and that is an ordinary one again by now,
  const { access, writes, tell, reads } = openCluster({
    ...{ service: publicService, serviceNow: turnedBack },
    listed: ledToPods,
  });
  const { look, drain } = await startLoop(access);
  expect([writes, reads()]).toEqual([[], 0]);
  // When what Kubernetes made for its selector is seen before that is,
  tell(asked.theirs, ofKubernetes);
  await look();
  // Then it is asked for, and nobody takes away what serves.
  await expect.poll(() => reads()).toBe(1);
  expect(writes).toEqual([]);
  await drain();
});

it('asks for no Service beside which a user keeps endpoints', async () => {
  const { access, writes, tell, reads } = openCluster({
    service: publicService,
    listed: { ...ledToPods, [asked.theirs]: [ofUser] },
  });
  const { told, look, drain } = await startLoop(access);
  await expect
    .poll(() => told)
    .toEqual([expect.stringContaining('an Endpoints object of its own')]);
  const { metadata, ...rest } = publicService;
  tell(asked.services, { metadata: { ...metadata, resourceVersion: '11' }, ...rest }, 'MODIFIED');
  await look();
  expect([writes, reads()]).toEqual([[], 0]);
  await drain();
});
