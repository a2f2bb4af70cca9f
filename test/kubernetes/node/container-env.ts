/** The environment of a container: its own, what the downward API knows, and where to listen. */
import { z } from 'zod';
import type { ApiClient } from '../api/api-client.ts';
import { expand } from './commands.ts';
import type { ContainerSpec, PodObject } from './pod-object.ts';

export interface EnvSources {
  readonly api: ApiClient;
  readonly pod: PodObject;
  readonly podAddress: string;
  readonly nodeAddress: string;
  readonly nodeName: string;
  /** What every process has: PATH and the like. */
  readonly base: Readonly<Record<string, string>>;
}

const keyedField = /^metadata\.(labels|annotations)\['(.+)'\]$/;

const fieldOf = (path: string, sources: EnvSources): string => {
  const { metadata, spec } = sources.pod;
  const keyed = keyedField.exec(path);
  if (keyed !== null) {
    const of = keyed[1] === 'labels' ? metadata.labels : metadata.annotations;
    return of[keyed[2] ?? ''] ?? '';
  }
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': sources.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName,
    'status.podIP': sources.podAddress,
    'status.podIPs': sources.podAddress,
    'status.hostIP': sources.nodeAddress,
  };
  const value = fields[path];
  if (value === undefined) throw new Error(`The field ${path} is not known here.`);
  return value;
};

type Kept = 'secrets' | 'configmaps';
const keptSchema = z.looseObject({ data: z.record(z.string(), z.string()).default({}) });

/** What a Secret or ConfigMap holds, as text. */
const keptIn = async (kind: Kept, name: string, { api, pod }: EnvSources) => {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/${kind}/${name}`;
  const { data } = keptSchema.parse(await api.get(path));
  if (kind === 'configmaps') return data;
  const decoded = Object.entries(data).map(([key, value]) => [key, atob(value)]);
  return Object.fromEntries(decoded) as Record<string, string>;
};

const variableValue = async (
  variable: ContainerSpec['env'][number],
  sources: EnvSources,
  known: Readonly<Record<string, string>>,
): Promise<string> => {
  const { name, value = '', valueFrom } = variable;
  if (valueFrom === undefined) return expand(value, known);
  const { fieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
  if (fieldRef !== undefined) return fieldOf(fieldRef.fieldPath, sources);
  const ref = secretKeyRef ?? configMapKeyRef;
  if (ref === undefined) throw new Error(`Where ${name} comes from is not known here.`);
  const kind = secretKeyRef === undefined ? 'configmaps' : 'secrets';
  return (await keptIn(kind, ref.name, sources))[ref.key] ?? '';
};

const portUnlessSaid = 8080;

/**
 * Resolves with the variables; HOST and PORT, unless the container says otherwise, are where it
 * has to listen: all pods of the node share its network, and 0.0.0.0 would be all of them.
 * Rejects when a value cannot be had.
 */
export const environmentOf = async (
  container: ContainerSpec,
  sources: EnvSources,
): Promise<Record<string, string>> => {
  const env: Record<string, string> = {
    ...sources.base,
    HOSTNAME: sources.pod.metadata.name,
    HOST: sources.podAddress,
    PORT: String(container.ports[0]?.containerPort ?? portUnlessSaid),
  };
  for (const { prefix, secretRef, configMapRef } of container.envFrom) {
    const kind = secretRef === undefined ? 'configmaps' : 'secrets';
    const { name } = secretRef ?? configMapRef ?? { name: '' };
    const all = await keptIn(kind, name, sources);
    for (const [key, value] of Object.entries(all)) env[`${prefix}${key}`] = value;
  }
  for (const variable of container.env)
    env[variable.name] = await variableValue(variable, sources, env);
  return env;
};
