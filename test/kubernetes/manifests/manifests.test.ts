/** The API server takes every object of every overlay, and lets its pods in. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  type ClusterObject,
  type OwnedPod,
  overlays,
  podsOf,
  renderedText,
} from '../../manifests/rendered-overlay.ts';
import { type ApiClient, connectApi } from '../api/api-client.ts';
import { applyObject, placeRendered, refusalsOf } from './apply-objects.ts';

let api: ApiClient;

beforeAll(async () => {
  api = await connectApi(inject('kubeconfig'));
});

afterAll(() => api.close());

const isNamespace = ({ kind }: ClusterObject): boolean => kind === 'Namespace';
const isAccount = ({ kind }: ClusterObject): boolean => kind === 'ServiceAccount';

/** A pod of this template, as its controller would make it. */
const podFrom = ({ owner, pod }: OwnedPod): ClusterObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: owner.metadata,
  spec: { ...pod },
});

describe.each(overlays)('overlay %s', (overlay) => {
  const places = { system: `manifests-${overlay}`, serving: `manifests-${overlay}-serving` };
  const objects = placeRendered(renderedText(overlay), places);
  const withoutVolumes = podsOf(objects).filter(({ owner }) => owner.kind !== 'StatefulSet');

  beforeAll(async () => {
    for (const object of objects.filter(isNamespace)) await applyObject(api, object);
    for (const object of objects.filter(isAccount)) await applyObject(api, object);
  });

  afterAll(async () => {
    for (const { metadata } of objects.filter(isNamespace)) {
      await api.delete(`/api/v1/namespaces/${metadata.name}`);
    }
  });

  it('is taken as a whole, with no field that is not known', async () => {
    expect(objects.length).toBeGreaterThan(50);
    expect(await refusalsOf(api, objects)).toEqual([]);
  });

  it('has pods that the Pod Security Standard "restricted" lets in', async () => {
    expect(await refusalsOf(api, withoutVolumes.map(podFrom))).toEqual([]);
    const sets = podsOf(objects).filter(({ owner }) => owner.kind === 'StatefulSet');
    // What a StatefulSet adds for its claims.
    const data = { name: 'data', emptyDir: {} };
    const pods = sets.map(({ owner, pod }) =>
      podFrom({ owner, pod: { ...pod, volumes: [...(pod.volumes ?? []), data] } }),
    );
    expect(pods).toHaveLength(2);
    expect(await refusalsOf(api, pods)).toEqual([]);
  });

  it('would be told of a pod with more rights, and of a field that does not exist', async () => {
    const [first] = withoutVolumes;
    if (first === undefined) throw new Error('there is no pod to try it with');
    const pod = podFrom(first);
    const root = { ...pod, spec: { ...pod.spec, securityContext: { runAsUser: 0 } } };
    expect(await refusalsOf(api, [root])).toEqual([expect.stringContaining('restricted')]);
    const strange = { ...pod, spec: { ...pod.spec, hostNetworks: true } };
    expect(await refusalsOf(api, [strange])).toEqual([expect.stringContaining('hostNetworks')]);
  });
});
