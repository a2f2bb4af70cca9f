/** A namespace of a real API server for a test, and the hands of the people who write to it. */
import { randomInt } from 'node:crypto';
import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { orNothing } from '../../gone.ts';
import { type ClusterAccess, connectCluster } from '../cluster-access.ts';

const limitMs = 60_000;
const pollMs = 25;

/** Listens on the pod's own address; `/crash` ends it with exit code 3. */
const appSource = `
  require('node:http').createServer((request, response) => {
    if (request.url === '/crash') process.exit(3);
    response.end('ok');
  }).listen(Number(process.env.PORT), process.env.HOST);
  process.on('SIGTERM', () => process.exit(0));
`;

export interface ClusterNamespace extends AsyncDisposable {
  readonly access: ClusterAccess;
  readonly name: string;
  /** A Deployment that asks for Flyball, under the field manager `kubectl`. */
  createDeployment(name: string, replicas: number, wishes?: DeploymentWishes): Promise<void>;
  deleteDeployment(name: string): Promise<void>;
  deployment(name: string): Promise<V1Deployment>;
  /** A merge patch of the Deployment. */
  edit(name: string, body: object, fieldManager?: string): Promise<V1Deployment>;
  /** As `kubectl scale` does: through `/scale`, whatever was written before. */
  writeReplicas(name: string, replicas: number, fieldManager: string): Promise<void>;
  pods(): Promise<readonly V1Pod[]>;
  /** Writes `config-autoscaler` here; undefined removes it. */
  configure(data: Readonly<Record<string, string>> | undefined): Promise<void>;
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
}

export interface DeploymentWishes {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly templateAnnotations?: Readonly<Record<string, string>>;
  /** Nobody runs its pods. */
  readonly unscheduled?: boolean;
}

const enabled = { 'flyball.dev/enabled': 'true' };

const deploymentBody = (name: string, replicas: number, wishes: DeploymentWishes) => ({
  metadata: { name, labels: wishes.labels ?? {}, annotations: wishes.annotations ?? enabled },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name }, annotations: wishes.templateAnnotations ?? {} },
      spec: {
        terminationGracePeriodSeconds: 2,
        ...(wishes.unscheduled === true ? { schedulerName: 'nobody' } : {}),
        containers: [
          {
            name: 'app',
            image: 'none',
            command: ['node', '-e', appSource],
            ports: [{ containerPort: 8080 }],
            readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
});

const until: ClusterNamespace['until'] = async (what, holds) => {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
};

/** A name that no other run has. */
export const freshName = (prefix: string): string => `${prefix}-${randomInt(1_000_000_000)}`;

/** Makes the namespace; it is deleted at the end, and its pods with it. */
export const openClusterNamespace = async (
  kubeconfig: string,
  name: string,
): Promise<ClusterNamespace> => {
  const access = connectCluster({ kubeconfig, namespaces: [] });
  await access.request({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { metadata: { name } },
  });
  const path = `/apis/apps/v1/namespaces/${name}/deployments`;
  const pods: ClusterNamespace['pods'] = async () => {
    const list = await access.request<{ items: V1Pod[] }>({
      path: `/api/v1/namespaces/${name}/pods`,
    });
    return list.items;
  };
  return {
    access,
    name,
    createDeployment: async (one, replicas, wishes = {}) => {
      const body = deploymentBody(one, replicas, wishes);
      await access.request({ method: 'POST', path: `${path}?fieldManager=kubectl`, body });
    },
    deleteDeployment: async (one) => {
      await orNothing(access.request({ method: 'DELETE', path: `${path}/${one}` }));
    },
    deployment: (one) => access.request<V1Deployment>({ path: `${path}/${one}` }),
    edit: (one, body, fieldManager = 'kubectl-edit') => {
      const query = new URLSearchParams({ fieldManager });
      return access.request({ method: 'PATCH', path: `${path}/${one}?${query}`, body });
    },
    writeReplicas: async (one, replicas, fieldManager) => {
      const query = new URLSearchParams({ fieldManager });
      const body = { spec: { replicas } };
      await access.request({ method: 'PATCH', path: `${path}/${one}/scale?${query}`, body });
    },
    pods,
    configure: async (data) => {
      const maps = `/api/v1/namespaces/${name}/configmaps`;
      const body = { metadata: { name: 'config-autoscaler' }, data };
      await orNothing(access.request({ method: 'DELETE', path: `${maps}/config-autoscaler` }));
      if (data !== undefined) await access.request({ method: 'POST', path: maps, body });
    },
    until,
    [Symbol.asyncDispose]: async () => {
      await access.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
      await access.close();
    },
  };
};
