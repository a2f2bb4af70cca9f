/** Applies objects of the manifests on the server's side, for real or as a dry run. */
import { type ClusterObject, nameOf, objectsIn } from '../../manifests/rendered-overlay.ts';
import { type ApiClient, ApiRefusal } from '../api/api-client.ts';

const fieldManager = 'flyball-test';

/** How a kind is called in paths, where it is not its name in small letters with an s. */
const plurals: Readonly<Record<string, string>> = {
  NetworkPolicy: 'networkpolicies',
  Ingress: 'ingresses',
};
const clusterKinds = new Set([
  'Namespace',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

const pathOf = ({ apiVersion, kind, metadata }: ClusterObject): string => {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = plurals[kind] ?? `${kind.toLowerCase()}s`;
  const namespace = metadata.namespace ?? 'default';
  const place = clusterKinds.has(kind) ? group : `${group}/namespaces/${namespace}`;
  return `${place}/${plural}/${metadata.name}`;
};

export interface ApplyOptions {
  readonly dryRun?: boolean;
}

/** Applies one object; unknown and doubled fields are refused. */
export const applyObject = async (
  api: ApiClient,
  object: ClusterObject,
  { dryRun = false }: ApplyOptions = {},
): Promise<void> => {
  const query = new URLSearchParams({ fieldManager, fieldValidation: 'Strict', force: 'true' });
  if (dryRun) query.set('dryRun', 'All');
  await api.patch(`${pathOf(object)}?${query}`, object, 'apply');
};

/** Deletes it; one that is gone already is well. */
export const removeObject = async (api: ApiClient, object: ClusterObject): Promise<void> => {
  try {
    await api.delete(pathOf(object));
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.status !== 404) throw error;
  }
};

/** What the API server says of each object; empty when it takes all of them. */
export const refusalsOf = async (
  api: ApiClient,
  objects: readonly ClusterObject[],
): Promise<readonly string[]> => {
  const refusals: string[] = [];
  for (const object of objects) {
    try {
      await applyObject(api, object, { dryRun: true });
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      refusals.push(`${nameOf(object)}: ${error.message}`);
    }
  }
  return refusals;
};

export interface Places {
  /** Instead of flyball-system. */
  readonly system: string;
  /** Instead of knative-serving. */
  readonly serving: string;
}

const clusterRole = /^( +)name: flyball-(sees-workloads|watcher|actuator|controller|webhook)$/gm;

/** Rendered objects in namespaces of a test; cluster roles get names of their own. */
export const placeRendered = (
  text: string,
  { system, serving }: Places,
): readonly ClusterObject[] =>
  objectsIn(
    text
      .replaceAll('flyball-system', system)
      .replaceAll('knative-serving', serving)
      .replaceAll(clusterRole, `$1name: ${system}-$2`),
  );
