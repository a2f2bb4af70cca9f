import type { V1ServicePort } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { endpointSlicesOf } from './endpoint-slices.ts';
import { portsByUse } from './service-ports.ts';
import { activatorSlice, endpointPod, serviceWith } from './testing/routed-objects.ts';

const namesOf = (ports: readonly V1ServicePort[]) => ports.map(({ name, port }) => name ?? port);

describe('of the ports of a Service, requests go', () => {
  it.each<[string, V1ServicePort[], (string | number)[]]>([
    ['by the only one', [{ port: 80 }], [80]],
    [
      'by those that say http',
      [
        { name: 'metrics', port: 9090 },
        { name: 'http', port: 80 },
        { name: 'grpc-api', port: 81 },
      ],
      ['http', 'grpc-api'],
    ],
    [
      'by their protocol before their name',
      [
        { name: 'http', port: 80, appProtocol: 'redis' },
        { name: 'api', port: 81, appProtocol: 'kubernetes.io/h2c' },
      ],
      ['api'],
    ],
    [
      'by the first where none says anything',
      [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
      ['a'],
    ],
    [
      'by none that is encrypted or no TCP',
      [
        { name: 'https', port: 443 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
      [],
    ],
  ])('%s', (_, ports, requests) => {
    const { requests: found, others } = portsByUse(ports);
    expect(namesOf(found)).toEqual(requests);
    expect(found.length + others.length).toBe(ports.length);
  });
});

describe('the port of an endpoint', () => {
  const activators = [activatorSlice(['10.244.9.1'])];
  const portsOn = (port: V1ServicePort, pods: readonly ReturnType<typeof endpointPod>[]) => {
    const service = serviceWith({ ports: [port] });
    const { slices } = endpointSlicesOf({ service, routing: 'pods', pods, activators });
    return slices.map((slice) => slice.ports?.map((one) => one.port));
  };

  it('is the number that the Service names, or its own', () => {
    expect(portsOn({ port: 80, targetPort: 3000 }, [endpointPod(1)])).toEqual([[3000]]);
    expect(portsOn({ port: 80 }, [endpointPod(1)])).toEqual([[80]]);
  });

  it('is the one of that name in each pod, in slices apart where it differs', () => {
    const old = endpointPod(1, { ports: [{ name: 'app', containerPort: 8080 }] });
    const newer = endpointPod(2, { ports: [{ name: 'app', containerPort: 9000 }] });
    const without = endpointPod(3, { ports: [] });
    const port = { name: 'http', port: 80, targetPort: 'app' };
    expect(portsOn(port, [old, newer, without])).toEqual([[8080], [9000]]);
    // Nobody has it: the activator finds its way to the pods by itself.
    expect(portsOn({ ...port, targetPort: 'none' }, [old])).toEqual([[8012]]);
  });

  it('is the queue-proxy’s for requests, wherever one stands before the app', () => {
    const pod = endpointPod(1, { queuePort: 8013 });
    const ports = [
      { name: 'http', port: 80, targetPort: 8080 },
      { name: 'metrics', port: 9090, targetPort: 9091 },
    ];
    const service = serviceWith({ ports });
    const { slices } = endpointSlicesOf({ service, routing: 'pods', pods: [pod], activators });
    expect(slices.map((slice) => slice.ports)).toMatchObject([
      [{ name: 'http', port: 8013 }],
      [{ name: 'metrics', port: 9091 }],
    ]);
  });

  it('that carries no requests leads to the pods also while the activator is in the way', () => {
    const ports = [
      { name: 'http', port: 80 },
      { name: 'debug', port: 6060 },
    ];
    const wish = { service: serviceWith({ ports }), pods: [endpointPod(1)], activators };
    const { slices } = endpointSlicesOf({ ...wish, routing: 'activator' });
    expect(
      slices.map(({ ports: at, endpoints }) => [at?.[0]?.port, endpoints?.[0]?.addresses]),
    ).toEqual([
      [8012, ['10.244.9.1']],
      [6060, ['10.244.0.1']],
    ]);
  });

  it('keeps its protocol, by which HTTP/2 is spoken from the start', () => {
    const port = { name: 'h2c', port: 80, appProtocol: 'kubernetes.io/h2c' };
    const both = activatorSlice(['10.244.9.1'], {
      ports: [
        { name: 'http', port: 8080 },
        { name: 'h2c', port: 8081 },
      ],
    });
    const service = serviceWith({ ports: [port] });
    const wish = { service, routing: 'activator', pods: [] } as const;
    expect(endpointSlicesOf({ ...wish, activators: [both] }).slices[0]?.ports).toEqual([
      { name: 'h2c', port: 8081, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' },
    ]);
    expect(endpointSlicesOf({ ...wish, activators }).slices[0]?.ports?.[0]?.port).toBe(8012);
  });
});
