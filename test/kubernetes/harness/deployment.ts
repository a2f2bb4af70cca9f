/** Deployments and Services of a test, as a user would write them, and what becomes of them. */
import { z } from 'zod';
import { until } from '../../e2e/harness/until.ts';
import type { ApiClient, ApiObject } from '../api/api-client.ts';
import { podOf } from '../node/pod-object.ts';

const sampleImage = 'gcr.io/knative-samples/autoscale-go:0.1';
const port = 8080;

export interface DeploymentOptions {
  readonly namespace: string;
  readonly name: string;
  /** Of the pod template: how it scales. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly replicas?: number;
  readonly command?: readonly string[];
}

/** The sample as an annotated Deployment that Flyball takes. */
const deploymentObject = (options: DeploymentOptions) => {
  const { name, namespace, annotations = {}, replicas = 0, command } = options;
  const container = {
    ...{ name: 'app', image: sampleImage, ports: [{ containerPort: port }] },
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
    ...(command !== undefined && { command }),
  };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    metadata: { name, namespace, annotations: { 'flyball.dev/enabled': 'true' } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations },
        spec: { terminationGracePeriodSeconds: 5, containers: [container] },
      },
    },
  };
};

/** `/apis/apps/v1/namespaces/<namespace>/deployments` */
export const deploymentsPath = (namespace: string): string =>
  `/apis/apps/v1/namespaces/${namespace}/deployments`;

/** Creates it. */
export const createDeployment = (api: ApiClient, options: DeploymentOptions): Promise<ApiObject> =>
  api.create(deploymentsPath(options.namespace), deploymentObject(options));

const deploymentSchema = z.looseObject({
  spec: z.looseObject({ replicas: z.int() }),
  status: z.looseObject({ readyReplicas: z.int().default(0), replicas: z.int().default(0) }),
});

/** What a Deployment wants and has; undefined while there is none. */
const countsOf = async (api: ApiClient, namespace: string, name: string) => {
  const query = { fieldSelector: `metadata.name=${name}` };
  const [object] = (await api.list(deploymentsPath(namespace), query)).items;
  if (object === undefined) return undefined;
  const { spec, status } = deploymentSchema.parse(object);
  return { wanted: spec.replicas, ready: status.readyReplicas, there: status.replicas };
};

/** Resolves when the Deployment wants and has exactly so many ready pods, and no others. */
export const untilReplicas = (
  api: ApiClient,
  where: { readonly namespace: string; readonly name: string; readonly limitMs: number },
  count: number,
): Promise<unknown> => {
  const { namespace, name, limitMs } = where;
  const seen = () => countsOf(api, namespace, name);
  return until(`${name} has ${count} ready pods`, { limitMs, seen }, async () => {
    const counts = await seen();
    return counts !== undefined && Object.values(counts).every((value) => value === count);
  });
};

/** The pods of a Deployment made by `deploymentObject`. */
export const podsOf = async (api: ApiClient, namespace: string, name: string) => {
  const query = { labelSelector: `app=${name}` };
  const { items } = await api.list(`/api/v1/namespaces/${namespace}/pods`, query);
  return items.map((item: ApiObject) => podOf(item));
};
