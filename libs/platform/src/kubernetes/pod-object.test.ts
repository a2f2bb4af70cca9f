import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { type KeptPod, keptPod, podSeenOf } from './pod-object.ts';

type Status = Partial<V1ContainerStatus>;

interface Wishes {
  readonly ip?: string;
  readonly containers?: readonly object[];
  readonly initContainers?: readonly object[];
  readonly annotations?: Record<string, string>;
  readonly ready?: 'True' | 'False' | 'Unknown';
  readonly statuses?: readonly Status[];
  readonly deletionTimestamp?: string;
  readonly owner?: object | null;
}

const owner = { kind: 'ReplicaSet', name: 'web-1', uid: 'rs1', controller: true };

const pod = (wishes: Wishes): V1Pod =>
  ({
    metadata: {
      ...{ name: 'web-1-a', namespace: 'default', uid: 'p1' },
      creationTimestamp: '2026-11-22T10:00:00Z',
      ownerReferences: wishes.owner === null ? [] : [wishes.owner ?? owner],
      ...(wishes.annotations === undefined ? {} : { annotations: wishes.annotations }),
      ...(wishes.deletionTimestamp && { deletionTimestamp: wishes.deletionTimestamp }),
    },
    spec: {
      containers: wishes.containers ?? [{ name: 'app', ports: [{ containerPort: 3000 }] }],
      initContainers: wishes.initContainers,
    },
    status: {
      podIP: wishes.ip,
      conditions:
        wishes.ready === undefined
          ? []
          : [{ type: 'Ready', status: wishes.ready, message: 'containers are not ready: [app]' }],
      containerStatuses: wishes.statuses,
    },
  }) as unknown as V1Pod;

const kept = (wishes: Wishes, before?: KeptPod): KeptPod => {
  const found = keptPod(pod(wishes), before);
  if (found === undefined) throw new Error('it was left out');
  return found;
};

const sidecar = {
  name: 'queue-proxy',
  ports: [
    { name: 'queue-port', containerPort: 8012 },
    { name: 'queue-metrics', containerPort: 9090 },
  ],
};
const app = { name: 'app', ports: [{ containerPort: 3000 }] };

const named = (name: string) => ({ name: 'app', ports: [{ name, containerPort: 3000 }] });

describe('how a pod is spoken to', () => {
  it.each<readonly [string, Wishes, 'h2c' | undefined]>([
    ['HTTP/1.1 where nothing says more', {}, undefined],
    ['HTTP/2 by the name of its port', { containers: [named('h2c')] }, 'h2c'],
    ['as the app, not its queue-proxy', { containers: [sidecar, named('grpc')] }, 'h2c'],
    [
      'by the port that is annotated',
      {
        annotations: { 'flyball.dev/port': '9000' },
        containers: [named('http'), { name: 'b', ports: [{ name: 'grpc', containerPort: 9000 }] }],
      },
      'h2c',
    ],
    [
      'by the annotation before all',
      { annotations: { 'flyball.dev/protocol': 'http1' }, containers: [named('h2c')] },
      undefined,
    ],
  ])('%s', (_what, wishes, protocol) => {
    expect(podSeenOf('default/web', kept(wishes)).protocol).toBe(protocol);
  });
});

describe('the address of a pod', () => {
  it.each([
    ['none before it has an IP', { containers: [app] }, null, null],
    ['its first port', { ip: '10.0.0.1' }, '10.0.0.1:3000', null],
    ['8080 without any', { ip: '10.0.0.1', containers: [{ name: 'app' }] }, '10.0.0.1:8080', null],
    [
      'never a port of another protocol',
      {
        ip: '10.0.0.1',
        containers: [
          { name: 'app', ports: [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 81 }] },
        ],
      },
      ...['10.0.0.1:81', null],
    ],
    [
      'the annotated one',
      { ip: '10.0.0.1', annotations: { 'flyball.dev/port': '9999' } },
      ...['10.0.0.1:9999', null],
    ],
    [
      'not what is no port',
      { ip: '10.0.0.1', annotations: { 'flyball.dev/port': '70000' } },
      ...['10.0.0.1:3000', null],
    ],
    [
      'the queue-proxy’s',
      { ip: '10.0.0.1', containers: [app, sidecar], annotations: { 'flyball.dev/port': '9' } },
      ...['10.0.0.1:8012', '10.0.0.1:9090'],
    ],
    [
      'the queue-proxy’s as a native sidecar',
      { ip: '10.0.0.1', initContainers: [sidecar] },
      ...['10.0.0.1:8012', '10.0.0.1:9090'],
    ],
    ['an IPv6 one in brackets', { ip: 'fd00::1' }, '[fd00::1]:3000', null],
  ] as [string, Wishes, string | null, string | null][])('%s', (_, wishes, address, metrics) => {
    expect(kept(wishes)).toMatchObject({ address, metricsAddress: metrics });
  });

  it('is known before anything of it runs', () => {
    const seen = podSeenOf('default/web', kept({ ip: '10.0.0.1', ready: 'False' }));
    expect(seen).toEqual({
      ...{ workload: 'default/web', pod: 'web-1-a', address: '10.0.0.1:3000' },
      ...{ metricsAddress: null, ready: false, unreadyReason: null, message: '' },
      createdAtMs: Date.parse('2026-11-22T10:00:00Z'),
    });
  });
});

describe('a pod that is not ready', () => {
  const running = { name: 'app', ready: false, restartCount: 0, state: { running: {} } };
  const ready = kept({ ready: 'True', statuses: [{ ...running, ready: true, restartCount: 3 }] });
  const ended = { exitCode: 137, reason: 'OOMKilled' };
  it.each([
    ['starts', undefined, { ready: 'False', statuses: [running] }, null, ''],
    [
      'waits as a matter of course',
      undefined,
      {
        ready: 'False',
        statuses: [
          { name: 'app', restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } },
        ],
      },
      ...[null, ''],
    ],
    [
      'has no image',
      undefined,
      {
        ready: 'False',
        statuses: [
          {
            ...{ name: 'app', restartCount: 0 },
            state: { waiting: { reason: 'ErrImagePull', message: 'not found' } },
          },
        ],
      },
      ...['crashed', 'container app does not run: ErrImagePull: not found'],
    ],
    [
      'ended',
      ready,
      {
        ready: 'False',
        statuses: [{ name: 'app', restartCount: 3, state: { terminated: ended } }],
      },
      ...['crashed', 'container app ended with exit code 137: OOMKilled'],
    ],
    [
      'waits to be tried again',
      ready,
      {
        ready: 'False',
        statuses: [
          {
            ...{ name: 'app', restartCount: 4, lastState: { terminated: { exitCode: 3 } } },
            state: { waiting: { reason: 'CrashLoopBackOff' } },
          },
        ],
      },
      ...['crashed', 'container app ended with exit code 3; container app does not run: CrashLoop'],
    ],
    [
      'came back from a crash',
      ready,
      {
        ready: 'False',
        statuses: [{ ...running, restartCount: 4, lastState: { terminated: { signal: 11 } } }],
      },
      ...['crashed', 'container app ended with signal 11'],
    ],
    [
      'fails its probe, whatever it crashed of long ago',
      ready,
      {
        ready: 'False',
        statuses: [{ ...running, restartCount: 3, lastState: { terminated: ended } }],
      },
      ...['probe-failed', 'containers are not ready: [app]'],
    ],
    [
      'is on a node that is not heard of',
      ready,
      { ready: 'Unknown', statuses: [running] },
      ...['unknown', 'containers are not ready: [app]'],
    ],
    [
      'is being deleted',
      ready,
      { ready: 'True', deletionTimestamp: '2026-11-22T11:00:00Z' },
      ...['draining', 'the pod is being deleted'],
    ],
  ] as [string, KeptPod | undefined, Wishes, string | null, string][])(
    '%s',
    (_, before, wishes, unreadyReason, message) => {
      const now = kept(wishes, before);
      expect(now).toMatchObject({ ready: false, unreadyReason });
      expect(now.message).toContain(message);
      if (message === '') expect(now.message).toBe('');
    },
  );

  it('is ready again, and what it was is forgotten', () => {
    const again = kept({ ready: 'True', statuses: [{ ...running, restartCount: 4 }] }, ready);
    expect(again).toMatchObject({ ready: true, unreadyReason: null, message: '' });
    const failing = { ready: 'False' as const, statuses: [{ ...running, restartCount: 4 }] };
    expect(kept(failing, again).unreadyReason).toBe('probe-failed');
  });

  it('belongs to nobody without a ReplicaSet that controls it', () => {
    expect(keptPod(pod({ owner: null }))).toBeUndefined();
    expect(keptPod(pod({ owner: { ...owner, controller: false } }))).toBeUndefined();
    expect(keptPod(pod({ owner: { ...owner, kind: 'Job' } }))).toBeUndefined();
  });
});
