/** Which pods are marked before a Deployment shrinks, and what is left when they do not answer. */
import { afterEach, describe, expect, it } from 'vitest';
import { type ClusterAccess, connectCluster } from './cluster-access.ts';
import { costChanges, createDeletionCosts, type DeletionCosts } from './deletion-costs.ts';
import type { KeptPod } from './pod-object.ts';
import { type AnsweringServer, startAnsweringServer } from './testing/answering-server.ts';

const pod = (name: string, wishes: Partial<KeptPod> = {}): KeptPod => ({
  ...{ namespace: 'default', name, uid: `uid-${name}`, createdAtMs: 0, address: null },
  replicaSet: { name: 'web-1', uid: 'rs' },
  ...{ metricsAddress: null, ready: true, unreadyReason: null, message: '' },
  ...{ deletionCost: undefined, endpoint: undefined, restartsWhenReady: 0 },
  ...wishes,
});
const marks = (loads: Parameters<typeof costChanges>[0], left: number) =>
  costChanges(loads, left).map(({ pod: { name }, inFlight }) => [name, inFlight]);

describe('marks', () => {
  it('are set on busy pods, the busiest first, and taken down from those that were busy', () => {
    const loads = [
      { pod: pod('idle'), inFlight: 0 },
      { pod: pod('busy'), inFlight: 3 },
      { pod: pod('busier'), inFlight: 9 },
      { pod: pod('was-busy', { deletionCost: '4' }), inFlight: 0 },
      { pod: pod('as-busy', { deletionCost: '2' }), inFlight: 2 },
    ];
    expect(marks(loads, 2)).toEqual([
      ['busier', 9],
      ['busy', 3],
      ['was-busy', 0],
    ]);
  });
  it('are not set where all go, or all are alike', () => {
    const loads = [
      { pod: pod('a'), inFlight: 1 },
      { pod: pod('b'), inFlight: 4 },
    ];
    expect(marks(loads, 0)).toEqual([]);
    expect(marks([], 1)).toEqual([]);
    expect(
      marks(
        [...'ab'].map((name) => ({ pod: pod(name), inFlight: 4 })),
        1,
      ),
    ).toEqual([]);
  });
  it('are not more than a limit', () => {
    const loads = Array.from({ length: 100 }, (_, at) => ({ pod: pod(`p${at}`), inFlight: at }));
    const set = marks(loads, 50);
    expect(set).toHaveLength(32);
    expect(set[0]).toEqual(['p99', 99]);
  });
});

describe('before a Deployment shrinks', () => {
  let cluster: AnsweringServer;
  let access: ClusterAccess;
  let costs: DeletionCosts;
  const sidecars: AnsweringServer[] = [];
  const sidecar = async (answer: Parameters<typeof startAnsweringServer>[0]) => {
    const started = await startAnsweringServer(answer);
    sidecars.push(started);
    return `127.0.0.1:${started.port}`;
  };
  const inFlight = (count: number) =>
    sidecar(() => ({
      body: [
        '# TYPE flyball_queue_proxy_in_flight_requests gauge',
        'flyball_queue_proxy_proxied_in_flight_requests 77',
        `flyball_queue_proxy_in_flight_requests{pod="a"} ${count}`,
        '',
      ].join('\n'),
    }));
  const begin = async (answer: Parameters<typeof startAnsweringServer>[0] = () => ({})) => {
    cluster = await startAnsweringServer(answer);
    access = connectCluster({ kubeconfig: cluster.kubeconfig, namespaces: [] });
    costs = createDeletionCosts(access);
  };
  afterEach(async () => {
    await costs.close();
    await access.close();
    await cluster[Symbol.asyncDispose]();
    for (const one of sidecars.splice(0)) await one[Symbol.asyncDispose]();
  });

  it('pods are asked and the busy one is marked, by its uid', async () => {
    await begin();
    const pods = [
      pod('idle', { metricsAddress: await inFlight(0) }),
      pod('busy', { metricsAddress: await inFlight(5) }),
      pod('bare'),
      pod('going', { metricsAddress: await inFlight(8), unreadyReason: 'draining' }),
    ];
    await costs.prepare(pods, 1);
    expect(cluster.calls).toMatchObject([
      {
        method: 'PATCH',
        path: '/api/v1/namespaces/default/pods/busy?fieldManager=flyball-actuator',
        contentType: 'application/merge-patch+json',
        body: {
          metadata: {
            uid: 'uid-busy',
            annotations: { 'controller.kubernetes.io/pod-deletion-cost': '5' },
          },
        },
      },
    ]);
    expect(sidecars[2]?.calls).toEqual([]);
  });

  it('nobody is asked where no pod is left', async () => {
    await begin();
    const pods = [0, 1].map((at) => pod(`p${at}`, { metricsAddress: '127.0.0.1:1' }));
    await costs.prepare(pods, 0);
    expect(cluster.calls).toEqual([]);
  });

  it('what does not answer, or answers nonsense, is left, and holds nobody up', async () => {
    await begin();
    const pods = [
      pod('silent', { metricsAddress: await sidecar(() => ({ silent: true })) }),
      pod('reset', { metricsAddress: await sidecar(() => ({ reset: true })) }),
      pod('nonsense', { metricsAddress: await sidecar(() => ({ body: 'hello' })) }),
      pod('away', { metricsAddress: '127.0.0.1:1' }),
      pod('idle', { metricsAddress: await inFlight(0) }),
      pod('busy', { metricsAddress: await inFlight(2) }),
    ];
    await costs.prepare(pods, 3);
    expect(cluster.calls).toMatchObject([{ path: expect.stringContaining('/pods/busy?') }]);
  });

  it.each([[{ status: 404 }], [{ status: 500 }], [{ silent: true }]])(
    'a mark that is answered by %j stops nothing',
    async (answer) => {
      await begin(() => answer);
      const pods = [
        pod('idle', { metricsAddress: await inFlight(0) }),
        pod('busy', { metricsAddress: await inFlight(2) }),
      ];
      await costs.prepare(pods, 1);
      expect(cluster.calls).toHaveLength(1);
    },
  );
});
