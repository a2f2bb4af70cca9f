import type { V1EndpointSlice } from '@kubernetes/client-node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointSlicesOf, endpointsPerSliceMax, type SlicesWish } from './endpoint-slices.ts';
import { sliceWrites } from './slice-writes.ts';
import {
  activatorSlice,
  addressesIn,
  endpointPod,
  endpointPods,
  serviceWith,
} from './testing/routed-objects.ts';

const activators = [activatorSlice(['10.244.9.1', '10.244.9.2'])];
const slicesOf = (given: Partial<SlicesWish> = {}) =>
  endpointSlicesOf({
    service: serviceWith(),
    routing: 'activator',
    pods: [],
    activators,
    ...given,
  });

const namesOf = (slices: readonly V1EndpointSlice[]) =>
  slices.map(({ metadata }) => metadata?.name);

/** What the API server would have after all writes. */
const written = (existing: readonly V1EndpointSlice[], wanted: readonly V1EndpointSlice[]) => {
  const after = new Map(existing.map((slice) => [slice.metadata?.name, slice]));
  for (const { kind, slice } of sliceWrites(existing, wanted)) {
    if (kind === 'delete') after.delete(slice.metadata?.name);
    else after.set(slice.metadata?.name, slice);
  }
  return [...after.values()];
};

describe('a public Service', () => {
  it('leads to the activators by their port, in a slice that is ours', () => {
    const { slices, through } = slicesOf({ pods: [endpointPod(1)] });
    expect(through).toBe('activator');
    expect(slices).toMatchObject([
      {
        metadata: {
          name: 'web-flyball-0',
          namespace: 'default',
          labels: {
            'kubernetes.io/service-name': 'web',
            'endpointslice.kubernetes.io/managed-by': 'flyball.dev',
          },
          ownerReferences: [{ kind: 'Service', name: 'web', uid: 'service-uid' }],
        },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 8012, protocol: 'TCP' }],
      },
    ]);
    expect(addressesIn(slices)).toEqual(['10.244.9.1', '10.244.9.2']);
  });

  it('leads to the ready pods by their port, and to none that is to end', () => {
    const pods = [
      endpointPod(1),
      endpointPod(2, { ready: false }),
      endpointPod(3, { ending: true }),
      endpointPod(4, { ips: [] }),
    ];
    const { slices, through } = slicesOf({ routing: 'pods', pods });
    expect([through, addressesIn(slices)]).toEqual(['pods', ['10.244.0.1']]);
    expect(slices[0]).toMatchObject({
      endpoints: [{ nodeName: 'node-1', targetRef: { kind: 'Pod', uid: 'pod-1' } }],
      ports: [{ name: 'http', port: 8080 }],
    });
  });

  it('leads to whoever is there when those that it is to lead to are not', () => {
    const unready = [endpointPod(1, { ready: false })];
    expect(slicesOf({ routing: 'pods', pods: unready }).through).toBe('activator');
    expect(slicesOf({ activators: [], pods: [endpointPod(1)] }).through).toBe('pods');
    expect(slicesOf({ activators: [], pods: unready })).toEqual({ slices: [], through: 'nothing' });
  });

  it('leads to the pods when the activators’ slice is empty as the API server has it', () => {
    const empty = { ...activatorSlice([]), endpoints: null, ports: null };
    const asStored = empty as unknown as V1EndpointSlice;
    expect(slicesOf({ activators: [asStored], pods: [endpointPod(1)] }).through).toBe('pods');
  });

  it('leads to activators that end while no other is left', () => {
    const conditions = { ready: false, serving: true, terminating: true };
    const ending = { addresses: ['10.244.9.7'], conditions };
    const [alone] = slicesOf({ activators: [activatorSlice([], { endpoints: [ending] })] }).slices;
    expect(alone?.endpoints).toEqual([ending]);
    const ready = { addresses: ['10.244.9.8'], conditions: { ready: true } };
    const both = activatorSlice([], { endpoints: [ending, ready] });
    expect(addressesIn(slicesOf({ activators: [both] }).slices)).toEqual(['10.244.9.8']);
  });

  it('keeps each family of addresses apart', () => {
    const pods = [endpointPod(1, { ips: ['10.244.0.1', 'fd00::1'] })];
    const six = activatorSlice(['fd00::9'], { addressType: 'IPv6' });
    const service = serviceWith({ spec: { ipFamilies: ['IPv4', 'IPv6'] } });
    const both = { service, activators: [...activators, six], pods };
    const types = (slices: readonly V1EndpointSlice[]) =>
      slices.map((slice) => [slice.addressType, ...addressesIn([slice])]);
    expect(types(slicesOf({ ...both, routing: 'pods' }).slices)).toEqual([
      ['IPv4', '10.244.0.1'],
      ['IPv6', 'fd00::1'],
    ]);
    expect(types(slicesOf(both).slices)).toEqual([
      ['IPv4', '10.244.9.1', '10.244.9.2'],
      ['IPv6', 'fd00::9'],
    ]);
    const single = serviceWith({ spec: { ipFamilies: ['IPv6'] } });
    expect(addressesIn(slicesOf({ ...both, service: single }).slices)).toEqual(['fd00::9']);
  });
});

describe('a public Service of two families, of which the activators have one', () => {
  const dual = serviceWith({ spec: { ipFamilies: ['IPv4', 'IPv6'] } });
  const ips = ['10.244.0.1', 'fd00::1'];
  const led = (given: Partial<SlicesWish>) => {
    const { slices, through } = slicesOf({ service: dual, ...given });
    return [through, ...addressesIn(slices)];
  };

  it('leads to the activators, and around them by neither', () => {
    const pods = [endpointPod(1, { ips })];
    expect(led({ pods })).toEqual(['activator', '10.244.9.1', '10.244.9.2']);
    expect(led({ pods: [] })).toEqual(['activator', '10.244.9.1', '10.244.9.2']);
  });

  it('leads to a queue-proxy by the first address of its pod, where it listens', () => {
    const pods = [endpointPod(1, { ips, queuePort: 8012 })];
    expect(led({ pods, routing: 'pods' })).toEqual(['pods', '10.244.0.1']);
    const six = [endpointPod(1, { ips: ips.toReversed(), queuePort: 8012 })];
    const service = serviceWith({ spec: { ipFamilies: ['IPv6'] } });
    expect(led({ pods: six, routing: 'pods', service })).toEqual(['pods', 'fd00::1']);
  });

  it('leads to pods without one by both, as any Service', () => {
    const pods = [endpointPod(1, { ips })];
    expect(led({ pods, routing: 'pods' })).toEqual(['pods', ...ips]);
    expect(led({ pods, activators: [] })).toEqual(['pods', ...ips]);
  });

  it('leads its other ports to the pods by both', () => {
    const ports = [
      { name: 'http', port: 80, targetPort: 8080 },
      { name: 'https', port: 443, targetPort: 8443 },
    ];
    const service = serviceWith({ ports, spec: { ipFamilies: ['IPv4', 'IPv6'] } });
    const pods = [endpointPod(1, { ips, queuePort: 8012 })];
    const { slices } = slicesOf({ service, pods });
    const others = slices.filter(({ ports: own }) => own?.[0]?.name === 'https');
    expect(addressesIn(others)).toEqual(ips);
  });
});

describe('slices of many endpoints', () => {
  const many = endpointPods(1, 1_234);
  const first = slicesOf({ routing: 'pods', pods: many }).slices;

  it('are several, each within its limit', () => {
    expect(first.length).toBe(Math.ceil(many.length / endpointsPerSliceMax));
    expect(Math.max(...first.map((slice) => slice.endpoints?.length ?? 0))).toBe(
      endpointsPerSliceMax,
    );
    expect(new Set(addressesIn(first)).size).toBe(many.length);
    expect(new Set(namesOf(first)).size).toBe(first.length);
  });

  it('change by one write when one pod comes or goes', () => {
    const without = many.filter(({ name }) => name !== 'web-5f6d-600');
    const less = slicesOf({ routing: 'pods', pods: without, existing: first }).slices;
    expect(sliceWrites(first, less).map(({ kind }) => kind)).toEqual(['replace']);
    const more = slicesOf({ routing: 'pods', pods: many, existing: less }).slices;
    expect(sliceWrites(less, more).map(({ kind }) => kind)).toEqual(['replace']);
    expect(
      sliceWrites(first, slicesOf({ routing: 'pods', pods: many, existing: first }).slices),
    ).toEqual([]);
  });

  it('are brought together when few are left', () => {
    const few = many.filter((_, at) => at % 200 === 0);
    const left = slicesOf({ routing: 'pods', pods: few, existing: first }).slices;
    expect([left.length, addressesIn(left).length]).toEqual([1, few.length]);
  });

  it('go to the activators in one write, and what is not needed goes after it', () => {
    const back = slicesOf({ pods: many, existing: first }).slices;
    expect(sliceWrites(first, back).map(({ kind }) => kind)).toEqual([
      'replace',
      ...Array(first.length - 1).fill('delete'),
    ]);
    expect(sliceWrites(back, first).map(({ kind }) => kind)).toEqual([
      ...Array(first.length - 1).fill('create'),
      'replace',
    ]);
  });
});

it('the slices hold what is wanted, none is empty, and then nothing more is written', () => {
  const act = fc.record({
    routing: fc.constantFrom('activator' as const, 'pods' as const),
    ready: fc.uniqueArray(fc.integer({ min: 1, max: 450 }), { maxLength: 450 }),
    activators: fc.uniqueArray(fc.integer({ min: 1, max: 3 })),
    port: fc.constantFrom(8080, 8012),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 6 }), (acts) => {
      let existing: readonly V1EndpointSlice[] = [];
      for (const { routing, ready, activators: living, port } of acts) {
        const targetPort = port;
        const wish = {
          service: serviceWith({ ports: [{ name: 'http', port: 80, targetPort }] }),
          routing,
          pods: ready.flatMap((number) => endpointPods(number, number)),
          activators: [activatorSlice(living.map((number) => `10.244.9.${number}`))],
        };
        const { slices, through } = endpointSlicesOf({ ...wish, existing });
        existing = written(existing, slices);
        expect(addressesIn(existing)).toEqual(addressesIn(endpointSlicesOf(wish).slices));
        expect(existing.every(({ endpoints = [] }) => endpoints.length > 0)).toBe(true);
        expect(existing.length).toBeLessThanOrEqual(2 * Math.ceil(450 / endpointsPerSliceMax));
        expect(through === 'nothing').toBe(living.length === 0 && ready.length === 0);
        expect(sliceWrites(existing, endpointSlicesOf({ ...wish, existing }).slices)).toEqual([]);
      }
    }),
    { seed: 7, numRuns: 60 },
  );
});
