/** The endpoints of a Service as kube-proxy knows them: from its EndpointSlices, by a watch. */
import { z } from 'zod';
import type { ApiClient, ApiObject } from '../api/api-client.ts';

export interface ServiceEndpoint {
  readonly address: string;
  readonly port: number;
}

export interface FollowedEndpoints extends AsyncDisposable {
  /** Where a connection that begins now may go, in order. */
  now(): readonly ServiceEndpoint[];
  /** How often a change left no endpoint at all. */
  emptied(): number;
}

const sliceSchema = z.looseObject({
  ports: z.array(z.looseObject({ name: z.string().default(''), port: z.int() })).nullable(),
  endpoints: z
    .array(
      z.looseObject({
        addresses: z.array(z.string()),
        conditions: z.looseObject({ ready: z.boolean().default(true) }).default({ ready: true }),
      }),
    )
    .nullable(),
});

/** Of one slice, by the port of that name; those that are not ready get no new connection. */
const endpointsIn = (object: ApiObject, portName: string): readonly ServiceEndpoint[] => {
  const { ports, endpoints } = sliceSchema.parse(object);
  const port = ports?.find(({ name }) => name === portName)?.port;
  if (port === undefined) return [];
  return (endpoints ?? []).flatMap(({ addresses, conditions }) =>
    conditions.ready ? addresses.slice(0, 1).map((address) => ({ address, port })) : [],
  );
};

const keyOf = ({ address, port }: ServiceEndpoint): string => `${address}:${port}`;

export interface FollowedService {
  readonly namespace: string;
  readonly name: string;
  readonly portName: string;
}

/** Follows from now on. A watch that breaks is an error of `now`. */
export const followEndpoints = async (
  api: ApiClient,
  { namespace, name, portName }: FollowedService,
): Promise<FollowedEndpoints> => {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const query = { labelSelector: `kubernetes.io/service-name=${name}` };
  const slices = new Map<string, readonly ServiceEndpoint[]>();
  let current: readonly ServiceEndpoint[] = [];
  let emptied = 0;
  let broken: unknown;
  const note = (type: string, object: ApiObject): void => {
    if (type === 'DELETED') slices.delete(object.metadata.name);
    else slices.set(object.metadata.name, endpointsIn(object, portName));
    const before = current.length;
    const all = new Map([...slices.values()].flat().map((one) => [keyOf(one), one]));
    current = [...all.keys()].sort().flatMap((key) => all.get(key) ?? []);
    if (before > 0 && current.length === 0) emptied += 1;
  };
  const { items, resourceVersion } = await api.list(path, query);
  for (const item of items) note('ADDED', item);
  const over = new AbortController();
  const { signal } = over;
  const done = api.watch(path, { resourceVersion, query, signal, onChange: note }).then(
    () => {
      broken = new Error('The watch ended.');
    },
    (error: unknown) => {
      broken = error;
    },
  );
  return {
    now: () => {
      if (broken !== undefined) throw broken;
      return current;
    },
    emptied: () => emptied,
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await done;
    },
  };
};
