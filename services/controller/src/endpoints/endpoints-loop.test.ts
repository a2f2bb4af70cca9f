/** Public Services that get or lose their selector, while Kubernetes and users take their time. */
import { OutsideError, partitionOf } from '@flyball/contracts';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { expect, it } from 'vitest';
import {
  activatorAddress,
  activators,
  asked,
  deployment,
  ofFlyball,
  ofKubernetes,
  ofUser,
  openCluster,
  pod,
  publicService,
  slicesLed,
  startLoop,
} from './testing/endpoints-story.ts';

it('keeps our slices until those of Kubernetes are there', async () => {
  const { access, writes, tell } = openCluster({
    service: {
      metadata: { ...publicService.metadata, annotations: {} },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    },
    listed: { [asked.ours]: [ofFlyball] },
  });
  const { drain } = await startLoop(access);
  expect(writes).toEqual([]);
  tell(asked.theirs, ofKubernetes);
  await expect.poll(() => writes).toEqual(['DELETE web-of-flyball.dev']);
  await drain();
});

it('keeps the endpoints of a Service whose Deployment is not there, and says so', async () => {
  const { access, writes, tell } = openCluster({
    service: publicService,
    listed: { [asked.theirs]: [ofKubernetes], [asked.activators]: [activators] },
  });
  const { told, drain } = await startLoop(access);
  expect(writes).toEqual([]);
  await expect
    .poll(() => told)
    .toEqual([expect.stringContaining('NotRouted: Service shop/web names Deployment')]);
  expect(told[0]).toContain('shop/wbe, which is not there');
  tell(asked.deployments, deployment);
  const taken = ['POST endpointslices', `DELETE ${ofKubernetes.metadata.name}`];
  await expect.poll(() => writes).toEqual(taken);
  expect(told).toHaveLength(1);
  await drain();
});

it('keeps them, and accuses nobody, while Deployments are not listed yet', async () => {
  const { access, writes } = openCluster({
    service: publicService,
    listed: { [asked.theirs]: [ofKubernetes], [asked.activators]: [activators] },
  });
  const request: ClusterAccess['request'] = async (call) => {
    if (!call.path.includes(asked.deployments)) return access.request(call);
    throw new OutsideError('PLATFORM_UNREACHABLE', 'not now', { retriable: true });
  };
  const { told, drain } = await startLoop({ ...access, request });
  expect([writes, told]).toEqual([[], []]);
  await drain();
});

it('leads the ports with TLS of a Service without others to the pods, and says so', async () => {
  const ports = [{ name: 'https', port: 443, targetPort: 8443 }];
  const { access, writes } = openCluster({
    service: { ...publicService, spec: { ...publicService.spec, ports } },
    listed: {
      ...{ [asked.theirs]: [ofKubernetes], [asked.activators]: [activators] },
      ...{ [asked.deployments]: [deployment], [asked.pods]: [pod] },
    },
  });
  const { told, drain } = await startLoop(access);
  await expect
    .poll(() => writes)
    .toEqual(['POST endpointslices', `DELETE ${ofKubernetes.metadata.name}`]);
  await expect
    .poll(() => told)
    .toEqual([expect.stringContaining('NotRouted: Service shop/web has no TCP port')]);
  await drain();
});

it('warns of a Service whose nodes drop what they get, and leads it all the same', async () => {
  const spec = { ...publicService.spec, type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
  const { access, writes } = openCluster({
    service: { ...publicService, spec },
    listed: { [asked.activators]: [activators], [asked.deployments]: [deployment] },
  });
  const { told, drain } = await startLoop(access);
  await expect.poll(() => writes).toEqual(['POST endpointslices']);
  await expect
    .poll(() => told)
    .toEqual([expect.stringContaining('LocalTraffic: Service shop/web')]);
  await drain();
});

it('leads a Service that had no endpoints before its Deployment comes', async () => {
  const { access, writes } = openCluster({
    service: publicService,
    listed: { [asked.activators]: [activators] },
  });
  const { told, drain } = await startLoop(access);
  await expect.poll(() => writes).toEqual(['POST endpointslices']);
  expect(told).toEqual([]);
  await drain();
});

it('turns a Service whose Deployment is gone, also beside endpoints of a user', async () => {
  // Given a Service that leads to a pod, with an Endpoints object of its own that stays for ever,
  const { access, writes, bodies, tell } = openCluster({
    service: publicService,
    listed: {
      ...{ [asked.theirs]: [ofUser], [asked.activators]: [activators] },
      ...{ [asked.deployments]: [deployment], [asked.pods]: [pod] },
      [asked.ours]: slicesLed(publicService, 'pods'),
    },
  });
  const { told, look, drain } = await startLoop(access);
  expect(writes).toEqual([]);
  // When its Deployment is deleted, and the pod with it,
  tell(asked.deployments, deployment, 'DELETED');
  tell(asked.pods, pod, 'DELETED');
  // Then our slice keeps no address of a dead pod, and its owner is told of the Endpoints alone.
  await expect.poll(() => writes).toEqual(['PUT web-flyball-0']);
  expect(bodies[0]).toMatchObject({ endpoints: [{ addresses: [activatorAddress] }] });
  await look();
  await expect
    .poll(() => told)
    .toEqual([expect.stringContaining('has an Endpoints object of its own')]);
  await drain();
});

it('tells of a mistake again where the Service is made again with it', async () => {
  // Given a Service whose own name falls to another partition than its Deployment's,
  const partitionCount = 64;
  const partition = partitionOf('shop/wbe', partitionCount);
  expect(partitionOf('shop/web', partitionCount)).not.toBe(partition);
  const headless = { ...publicService, spec: { ...publicService.spec, clusterIP: 'None' } };
  const { access, tell } = openCluster({
    service: headless,
    listed: { [asked.deployments]: [deployment] },
  });
  const { told, look, drain } = await startLoop(access, { partition, partitionCount });
  await expect.poll(() => told).toEqual([expect.stringContaining('is headless')]);
  // When it is deleted and made again as it was, then the new one has no Event yet, and gets one.
  tell(asked.services, headless, 'DELETED');
  await look();
  const metadata = { ...headless.metadata, uid: 's2', resourceVersion: '12' };
  tell(asked.services, { ...headless, metadata });
  await expect.poll(() => told).toHaveLength(2);
  // Changed in something else, it is not told twice.
  tell(
    asked.services,
    { ...headless, metadata: { ...metadata, resourceVersion: '13' } },
    'MODIFIED',
  );
  await look();
  expect(told).toHaveLength(2);
  await drain();
});
