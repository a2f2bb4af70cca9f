/** The samples of ingresses against the schemas of their kinds, on a real API server. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { until } from '../../e2e/harness/until.ts';
import { type ClusterObject, objectsIn, root } from '../../manifests/rendered-overlay.ts';
import { type ApiClient, connectApi } from '../api/api-client.ts';
import { applyObject, refusalsOf } from './apply-objects.ts';

const limitMs = 60_000;
const kindsFolder = join(root, '.tools/kinds');
const wanted = new Set(['Gateway', 'HTTPRoute', 'VirtualService']);
const namespace = 'manifests-ingress';
const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

let api: ApiClient;

const isWanted = ({ kind, spec }: ClusterObject): boolean =>
  kind === 'CustomResourceDefinition' && wanted.has(String(Reflect.get(spec?.names ?? {}, 'kind')));

/** Where the set-up has put them; none without Go. */
const definitions = (existsSync(kindsFolder) ? globSync(join(kindsFolder, '*.yaml')) : [])
  .flatMap((path) => objectsIn(readFileSync(path, 'utf8')))
  .filter(isWanted);

const established = async (definition: ClusterObject): Promise<boolean> => {
  const { status } = (await api.get(`${definitionsPath}/${definition.metadata.name}`)) as {
    readonly status?: { readonly conditions?: readonly { type: string; status: string }[] };
  };
  const conditions = status?.conditions ?? [];
  return conditions.some(({ type, status: is }) => type === 'Established' && is === 'True');
};

beforeAll(async () => {
  api = await connectApi(inject('kubeconfig'));
  await api.create('/api/v1/namespaces', { metadata: { name: namespace } });
  for (const definition of definitions) await applyObject(api, definition);
  for (const definition of definitions) {
    await until(`${definition.metadata.name} is served`, { limitMs }, () =>
      established(definition),
    );
  }
});

afterAll(async () => {
  for (const { metadata } of definitions) await api.delete(`${definitionsPath}/${metadata.name}`);
  await api.delete(`/api/v1/namespaces/${namespace}`);
  await api.close();
});

const samples = globSync(join(root, 'samples/ingress/*.yaml')).map((path) => {
  const text = readFileSync(path, 'utf8');
  const own = text.replaceAll(/^( +)namespace: .*$/gm, `$1namespace: ${namespace}`);
  return [basename(path), objectsIn(own)] as const;
});

const isOfDefinition = ({ apiVersion }: ClusterObject): boolean =>
  /istio|gateway\.networking/.test(apiVersion);

const isMissing = (objects: readonly ClusterObject[]): boolean =>
  definitions.length === 0 && objects.some(isOfDefinition);
const why = 'there are no definitions of its kinds: npm run setup -- --tests';

describe.each(samples)('%s', (_name, objects) => {
  test('is taken', async ({ skip }) => {
    skip(isMissing(objects), why);
    expect(await refusalsOf(api, objects)).toEqual([]);
  });

  test('would be told of what does not exist', async ({ skip }) => {
    skip(isMissing(objects), why);
    const strange = objects.map((object) => ({ ...object, spec: { ...object.spec, hots: [] } }));
    const refusals = await refusalsOf(api, strange);
    expect(refusals).toHaveLength(objects.length);
    for (const refusal of refusals) expect(refusal).toContain('hots');
  });
});
