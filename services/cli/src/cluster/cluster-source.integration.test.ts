/** The reading verbs with `--cluster`: the Secret, the port-forward, and pods that go. */
import { freePort, type RunningNatsServer } from '@flyball/event-log/testing';
import {
  type PodPortServer,
  type PodPortServerOptions,
  startPodPortServer,
} from '@flyball/platform/kubernetes/pod-port-testing';
import { storyWorkload as workload } from '@flyball/reading/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogSource } from '../reading/log-source.ts';
import { openLog } from '../reading/open-log.ts';
import { passwordOf, runVerb, startLogServer, tellStoryTo } from '../testing/log-server.ts';
import { dropDeadLetters } from '../verbs/dead-letters-settle.ts';
import { explain } from '../verbs/explain.ts';
import { get } from '../verbs/get.ts';

const output = 'json';
const system = '/api/v1/namespaces/flyball-system';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = {
  data: Object.fromEntries(
    (['reader', 'operator'] as const).map((user) => [user, base64(passwordOf(user))]),
  ),
};
const forbidden = { status: 403, body: { kind: 'Status', message: 'User "ana" may not' } };

const pod = (name: string, ready: boolean) => ({
  metadata: { name },
  spec: { containers: [{ ports: [{ name: 'nats', containerPort: 4222 }] }] },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

let nats: RunningNatsServer;

beforeAll(async () => {
  nats = await startLogServer();
  await tellStoryTo(nats);
});

afterAll(() => nats.stop());

interface Said {
  readonly secret?: { readonly status?: number; readonly body: unknown };
  readonly pods?: readonly object[];
  readonly target?: PodPortServerOptions['target'];
}

const startCluster = (said: Said = {}): Promise<PodPortServer> =>
  startPodPortServer({
    get: (path) => {
      if (path === `${system}/secrets/nats-users`) return said.secret ?? { body: secret };
      if (!path.startsWith(`${system}/pods?labelSelector=`)) return undefined;
      return { body: { items: said.pods ?? [pod('nats-0', false), pod('nats-1', true)] } };
    },
    target: said.target ?? (() => ({ port: nats.port })),
  });

const getFrom = ({ kubeconfig }: PodPortServer, env = {}) =>
  runVerb((context) => get(context, { cluster: true, kubeconfig, output, watch: false }), env);

describe('with a Flyball', () => {
  it('get and explain answer, through a pod that is ready', async () => {
    await using cluster = await startCluster();
    const { kubeconfig } = cluster;
    const told = await getFrom(cluster);
    expect({ code: told.code, error: told.error }).toEqual({ code: 0, error: undefined });
    expect(JSON.parse(told.lines.join('\n'))).toMatchObject([{ name: 'web', desiredReplicas: 2 }]);
    const why = await runVerb((context) =>
      explain(context, { cluster: true, kubeconfig, workload, output }),
    );
    expect(why.code).toBe(0);
    expect(why.all).not.toContain('secret-of');
    expect(cluster.opened).toEqual(['nats-1', 'nats-1']);
  });

  it('dead letters are settled as the operator', async () => {
    await using cluster = await startCluster();
    const { kubeconfig } = cluster;
    const { code } = await runVerb((context) =>
      dropDeadLetters(context, { cluster: true, kubeconfig, ids: [], all: true }),
    );
    expect(code).toBe(0);
  });

  it('goes on through another pod when one is gone', async () => {
    const pods = [pod('nats-0', true), pod('nats-1', true)];
    await using cluster = await startCluster({ pods });
    const { kubeconfig } = cluster;
    const namespace = 'flyball-system';
    const source: LogSource = {
      ...{ kubeconfig, context: undefined, namespace, login: {} },
      kind: 'cluster',
    };
    const { signal } = new AbortController();
    const { log, close } = await openLog(source, 'reader', signal);
    try {
      pods.shift();
      cluster.breakOff();
      expect((await log.events.state()).lastSeq).toBeGreaterThan(0);
      expect(cluster.opened).toEqual(['nats-0', 'nats-1']);
    } finally {
      await close();
    }
  });

  it('takes a pod that can be reached, of those that are ready', async () => {
    const pods = [pod('nats-0', true), pod('nats-1', true)];
    const target = (name: string) => (name === 'nats-0' ? 503 : { port: nats.port });
    await using cluster = await startCluster({ pods, target });
    expect((await getFrom(cluster)).code).toBe(0);
  });

  it('needs no Secret where the password is given', async () => {
    await using cluster = await startCluster({ secret: forbidden });
    const env = { FLYBALL_NATS_PASSWORD: passwordOf('reader') };
    expect((await getFrom(cluster, env)).code).toBe(0);
  });
});

describe('what is missing is told', () => {
  const cases: readonly (readonly [string, Said, string])[] = [
    ['the right to the Secret', { secret: forbidden }, 'You need the right to get the Secret'],
    ['the Secret', { secret: { status: 404, body: {} } }, 'No Flyball is in the namespace'],
    ['the user', { secret: { body: { data: { a: '' } } } }, 'has no user reader, but a.'],
    ['a pod that is ready', { pods: [pod('nats-0', false)] }, 'Of 1 pods of NATS in'],
    ['the right to forward', { target: () => 403 }, 'get and create pods/portforward'],
    [
      'the right password',
      { secret: { body: { data: { reader: base64('mistaken') } } } },
      'refused the user reader with this password. It is NATS of flyball-system',
    ],
  ];

  it.each(cases)('%s', async (_, said, sentence) => {
    await using cluster = await startCluster(said);
    const { error, all } = await getFrom(cluster);
    expect(error?.name).toBe('OutsideError');
    expect(all).toContain(sentence);
    expect(all).not.toMatch(/mistaken|secret-of/);
  });

  it('what listens in the pod', async () => {
    const port = await freePort();
    await using cluster = await startCluster({ target: () => ({ port }) });
    const { error } = await getFrom(cluster);
    expect(error).toMatchObject({ code: 'NATS_UNREACHABLE' });
  });
});
