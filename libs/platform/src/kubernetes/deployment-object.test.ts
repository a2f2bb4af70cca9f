import type { V1Deployment, V1ManagedFieldsEntry } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { isAsNew, type KeptDeployment, keptDeployment } from './deployment-object.ts';
import { isManaged, namespaceEnabled } from './opt-in.ts';
import { replicasWriteIn } from './replicas-writer.ts';

interface Wishes {
  readonly replicas?: number;
  readonly version?: number;
  readonly generation?: number;
  readonly manager?: string;
  readonly uid?: string;
  readonly annotations?: Record<string, string>;
  readonly template?: Record<string, string>;
  readonly owners?: readonly object[];
}

/** As JSON has it: times are texts. */
const deployment = (wishes: Wishes = {}): V1Deployment => {
  const { replicas = 2, version = 100, generation = 1, manager = 'kubectl', uid = 'u1' } = wishes;
  return {
    metadata: {
      ...{ name: 'web', namespace: 'default', uid, generation },
      resourceVersion: String(version),
      annotations: wishes.annotations ?? {},
      ownerReferences: wishes.owners,
      managedFields: [
        { manager, operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      ],
      creationTimestamp: '2026-11-22T10:00:00Z',
    },
    spec: {
      replicas,
      template: { metadata: { annotations: wishes.template ?? {} } },
    },
  } as unknown as V1Deployment;
};

const kept = (wishes: Wishes, before?: KeptDeployment, isNext = false): KeptDeployment => {
  const found = keptDeployment(deployment(wishes), before, isNext);
  if (found === undefined) throw new Error('it was left out');
  return found;
};

describe('since when the replicas are what they are', () => {
  const first = kept({});
  it.each([
    ['a status', { version: 110 }, true, '100'],
    ['a status that was listed', { version: 110 }, false, '100'],
    ['an annotation of the next write', { version: 110, generation: 2 }, true, '100'],
    ['who knows what of a listing', { version: 110, generation: 2 }, false, '110'],
    ['another number', { version: 110, replicas: 3 }, true, '110'],
    ['another writer', { version: 110, manager: 'flyball-actuator' }, true, '110'],
    ['another object', { version: 110, uid: 'u2' }, true, '110'],
  ])('%s', (_, wishes, isNext, since) => {
    expect(kept(wishes, first, isNext).replicasSince).toBe(since);
  });

  it('is the write’s own version when the watch shows a write of ours', () => {
    const writtenAt = undefined;
    const ours: KeptDeployment = {
      ...kept({ replicas: 5, version: 120, manager: 'flyball-actuator' }),
      ...{ replicasSince: '120', replicasWrite: { manager: 'flyball-actuator', writtenAt } },
    };
    const later = { replicas: 5, version: 130, manager: 'flyball-actuator' };
    expect(kept(later, ours).replicasSince).toBe('120');
  });

  it('versions compare as numbers, and what is none is never as new', () => {
    expect(isAsNew('100', '99')).toBe(true);
    expect(isAsNew('99', '100')).toBe(false);
    expect(isAsNew('9007199254740993', '9007199254740992')).toBe(true);
    expect(isAsNew('', '1')).toBe(false);
    expect(isAsNew('1', 'x')).toBe(false);
  });
});

describe('who wrote the replicas', () => {
  const entry = (manager: string, time: string | undefined, fields: object) =>
    ({ manager, time, operation: 'Update', fieldsV1: fields }) as unknown as V1ManagedFieldsEntry;
  const replicas = { 'f:spec': { 'f:replicas': {} } };
  it('is the owner of that field, not of another', () => {
    const others = entry('kube-controller-manager', '2026-11-22T10:00:01Z', { 'f:status': {} });
    const theirs = entry('kubectl', '2026-11-22T10:00:00Z', replicas);
    expect(replicasWriteIn([others, theirs]).manager).toBe('kubectl');
  });
  it('is ours where ours is among those that agree, else the latest', () => {
    const early = entry('argocd', '2026-11-22T10:00:00Z', replicas);
    const late = entry('kubectl', '2026-11-22T11:00:00Z', replicas);
    expect(replicasWriteIn([early, late]).manager).toBe('kubectl');
    const ours = entry('flyball-actuator', undefined, replicas);
    expect(replicasWriteIn([early, late, ours]).manager).toBe('flyball-actuator');
  });
  it.each([undefined, [], [entry('a', '', { 'f:spec': {} })]])('nobody of %j', (managedFields) => {
    expect(replicasWriteIn(managedFields).manager).toBe('unknown');
  });
});

describe('what is ours to scale', () => {
  const enabled = 'flyball.dev/enabled';
  const says = (annotations: Record<string, string>, template: Record<string, string> = {}) =>
    kept({ annotations, template }).enabled;
  it('is what a Deployment or its template asks for, unless one of them says false', () => {
    expect(says({})).toBeUndefined();
    expect(says({ [enabled]: 'true' })).toBe(true);
    expect(says({}, { 'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev' })).toBe(true);
    expect(says({ [enabled]: 'false' }, { [enabled]: 'true' })).toBe(false);
    expect(says({ [enabled]: 'true' }, { [enabled]: 'false' })).toBe(false);
    expect(says({ [enabled]: 'perhaps' })).toBeUndefined();
  });

  const revision = { apiVersion: 'serving.knative.dev/v1', kind: 'Revision', controller: true };
  it.each([
    ['a Revision of Knative', [revision], false],
    ['a Service, as those of our revisions', [{ ...revision, kind: 'Service' }], true],
    ['a Revision of somebody else', [{ ...revision, apiVersion: 'example.com/v1' }], true],
    ['a Revision that does not control it', [{ ...revision, controller: false }], true],
  ])('is one that asks for it and is owned by %s: %j: %s', (_, owners, isOurs) => {
    expect(kept({ annotations: { [enabled]: 'true' }, owners }).enabled).toBe(isOurs);
  });

  it('is what a Namespace says by label or annotation, unless one of them says false', () => {
    expect(namespaceEnabled({})).toBeUndefined();
    expect(namespaceEnabled({ labels: { [enabled]: 'true' } })).toBe(true);
    expect(namespaceEnabled({ annotations: { [enabled]: 'true' } })).toBe(true);
    const both = { labels: { [enabled]: 'true' }, annotations: { [enabled]: 'false' } };
    expect(namespaceEnabled(both)).toBe(false);
  });

  const yes = true;
  const no = false;
  it.each([
    // Deployment, Namespace, setting, where, ours?
    [undefined, undefined, 'annotated', 'shop', no],
    [undefined, undefined, 'all', 'shop', yes],
    [undefined, yes, 'annotated', 'shop', yes],
    [undefined, no, 'all', 'shop', no],
    [no, yes, 'all', 'shop', no],
    [yes, no, 'all', 'shop', no],
    [yes, undefined, 'annotated', 'shop', yes],
    [undefined, yes, 'all', 'kube-system', no],
    [undefined, yes, 'all', 'kube-public', no],
    [undefined, yes, 'all', 'kube-node-lease', no],
    [undefined, yes, 'all', 'flyball-system', no],
    [yes, undefined, 'annotated', 'kube-system', yes],
  ] as const)('%s, %s, %s in %s: %s', (own, inNamespace, optIn, namespace, ours) => {
    const ownNamespace = 'flyball-system';
    const question = { deployment: own, inNamespace, optIn, namespace, ownNamespace };
    expect(isManaged(question)).toBe(ours);
  });

  it('is no Deployment that is being deleted, nor one without a name', () => {
    const going = deployment();
    const metadata = { ...going.metadata, deletionTimestamp: '2026-11-22T10:00:00Z' };
    expect(keptDeployment({ ...going, metadata } as unknown as V1Deployment)).toBeUndefined();
    expect(keptDeployment({})).toBeUndefined();
  });
});
