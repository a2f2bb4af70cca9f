/** Services, pods and slices as tests of routing use them. */
import type { V1EndpointSlice, V1Pod, V1Service, V1ServicePort } from '@kubernetes/client-node';
import { type EndpointPod, endpointPodOf } from '../endpoint-pod.ts';
import { serviceAnnotation } from '../public-service.ts';

export interface ServiceGiven {
  readonly ports?: V1ServicePort[];
  readonly annotations?: Record<string, string>;
  readonly spec?: Partial<V1Service['spec']>;
}

/** `default/web`, which names the Deployment `web`. */
export const serviceWith = (given: ServiceGiven = {}): V1Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'service-uid',
    annotations: { [serviceAnnotation.deployment]: 'web', ...given.annotations },
  },
  spec: {
    clusterIP: '10.0.0.1',
    ipFamilies: ['IPv4'],
    ports: given.ports ?? [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
    ...given.spec,
  },
});

export interface PodGiven {
  readonly ready?: boolean;
  readonly ending?: boolean;
  readonly ips?: readonly string[];
  readonly ports?: { name: string; containerPort: number }[];
  readonly queuePort?: number;
  readonly deployment?: string;
}

export const podWith = (number: number, given: PodGiven = {}): V1Pod => {
  const { ready = true, ips = [`10.244.0.${number}`], deployment = 'web' } = given;
  const proxy = {
    name: 'queue-proxy',
    ports: [{ name: 'queue-port', containerPort: given.queuePort ?? 0 }],
  };
  const app = { name: 'app', ports: given.ports ?? [{ name: 'app', containerPort: 8080 }] };
  return {
    metadata: {
      name: `${deployment}-5f6d-${number}`,
      namespace: 'default',
      uid: `pod-${number}`,
      labels: { 'pod-template-hash': '5f6d' },
      ownerReferences: [
        {
          ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet', controller: true },
          ...{ name: `${deployment}-5f6d`, uid: 'rs' },
        },
      ],
      ...(given.ending === true ? { deletionTimestamp: new Date(0) } : {}),
    },
    spec: {
      nodeName: 'node-1',
      containers: given.queuePort === undefined ? [app] : [app, proxy],
    },
    status: {
      phase: 'Running',
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
};

export const endpointPod = (number: number, given: PodGiven = {}): EndpointPod => {
  const pod = endpointPodOf(podWith(number, given));
  if (pod === undefined) throw new Error('the pod belongs to no Deployment');
  return pod;
};

/** `from` to `to`, both included. */
export const endpointPods = (from: number, to: number): readonly EndpointPod[] =>
  Array.from({ length: to - from + 1 }, (_, at) => {
    const number = from + at;
    return endpointPod(number, { ips: [`10.244.${number >> 8}.${number & 255}`] });
  });

/** The slice of the activator's own Service. */
export const activatorSlice = (
  ips: readonly string[],
  given: Partial<V1EndpointSlice> = {},
): V1EndpointSlice => ({
  addressType: 'IPv4',
  metadata: { name: 'activator-abc', namespace: 'flyball-system' },
  endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } })),
  ports: [{ name: 'http', port: 8012, protocol: 'TCP' }],
  ...given,
});

export const addressesIn = (slices: readonly V1EndpointSlice[]): readonly string[] =>
  slices.flatMap(({ endpoints = [] }) => endpoints.flatMap(({ addresses }) => addresses)).sort();
