/** What the judges ask the API server: a Deployment's annotations, and the cluster's settings. */
import { type Annotations, type AutoscalerConfig, parseConfigAutoscaler } from '@flyball/knative';
import { type ClusterAccess, ClusterError } from '@flyball/platform/kubernetes';
import { z } from 'zod';

/** A burst of pods of one Deployment is one question. */
const deploymentKeptMs = 1_000;
const configKeptMs = 10_000;
const keptMax = 1_000;
/** The API server waits for us meanwhile. */
const timeoutMs = 2_000;
const configName = 'config-autoscaler';
const absent = 404;

const texts = z.record(z.string(), z.string()).nullish();
const deploymentSchema = z.looseObject({ metadata: z.looseObject({ annotations: texts }) });
const configSchema = z.looseObject({ data: texts });

export interface ClusterReads {
  /** Rejects with ClusterError. */
  annotationsOf(namespace: string, deployment: string): Promise<Annotations>;
  /** The defaults where there is no such ConfigMap, or it cannot be read. */
  autoscalerConfig(): Promise<AutoscalerConfig>;
}

/** Asks again only after a while; what failed is asked again at once. */
const kept = <Value>(keptMs: number, monotonicMs: () => number) => {
  const known = new Map<string, { readonly untilMs: number; readonly value: Promise<Value> }>();
  return (key: string, ask: () => Promise<Value>): Promise<Value> => {
    const found = known.get(key);
    if (found !== undefined && found.untilMs > monotonicMs()) return found.value;
    if (known.size >= keptMax) known.clear();
    const value = ask();
    known.set(key, { untilMs: monotonicMs() + keptMs, value });
    value.catch(() => known.delete(key));
    return value;
  };
};

export const createClusterReads = (
  access: Pick<ClusterAccess, 'request'>,
  configNamespaces: readonly string[],
  monotonicMs: () => number,
): ClusterReads => {
  const deployments = kept<Annotations>(deploymentKeptMs, monotonicMs);
  const configs = kept<AutoscalerConfig>(configKeptMs, monotonicMs);

  const dataIn = async (namespace: string): Promise<Record<string, string> | undefined> => {
    try {
      const path = `/api/v1/namespaces/${namespace}/configmaps/${configName}`;
      return configSchema.parse(await access.request({ path, timeoutMs })).data ?? {};
    } catch (error) {
      if (error instanceof ClusterError && error.status === absent) return undefined;
      throw error;
    }
  };
  const readConfig = async (): Promise<AutoscalerConfig> => {
    for (const namespace of configNamespaces) {
      const data = await dataIn(namespace);
      if (data !== undefined) return parseConfigAutoscaler(data).config;
    }
    return parseConfigAutoscaler({}).config;
  };
  return {
    annotationsOf: (namespace, deployment) =>
      deployments(`${namespace}/${deployment}`, async () => {
        const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`;
        const { metadata } = deploymentSchema.parse(await access.request({ path, timeoutMs }));
        return metadata.annotations ?? {};
      }),
    // Without it one judges by the defaults, which is better than not at all.
    autoscalerConfig: () =>
      configs(configName, readConfig).catch(() => parseConfigAutoscaler({}).config),
  };
};
