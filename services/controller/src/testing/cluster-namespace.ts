/** A namespace of its own on a real API server, to read and write objects in: for tests. */
import { randomInt } from 'node:crypto';
import { orNothing } from '@flyball/platform';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import type { ClusterObject } from '../objects/cluster-object.ts';
import { namespacePath } from '../objects/object-path.ts';

export interface TestNamespace extends AsyncDisposable {
  readonly name: string;
  create(object: unknown): Promise<void>;
  /** A merge patch. */
  patch(what: ObjectName, patch: object): Promise<void>;
  /** By JSON patch operations: what a merge could not take away. */
  change(what: ObjectName, operations: readonly object[]): Promise<void>;
  remove(what: ObjectName): Promise<void>;
  /** Undefined: there is none. */
  find<Kind extends ClusterObject = ClusterObject>(what: ObjectName): Promise<Kind | undefined>;
  /** The reasons and messages of the Events of an object. */
  events(kind: string, name: string): Promise<readonly string[]>;
}

export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

interface EventList {
  readonly items: readonly {
    readonly reason: string;
    readonly message: string;
    readonly involvedObject: { readonly kind: string; readonly name: string };
    readonly reportingComponent?: string;
  }[];
}

/** Makes the namespace; it is deleted with all that is in it when it is disposed of. */
export const openNamespace = async (access: ClusterAccess): Promise<TestNamespace> => {
  const name = `controller-${randomInt(1_000_000_000)}`;
  const path = (what: ObjectName) => `${namespacePath(what, name)}/${what.name}`;
  await access.request({
    ...{ method: 'POST', path: '/api/v1/namespaces' },
    body: { metadata: { name } },
  });
  return {
    name,
    create: async (object) => {
      const { apiVersion, kind } = object as ClusterObject;
      const collection = namespacePath({ apiVersion, kind }, name);
      await access.request({ method: 'POST', path: collection, body: object });
    },
    patch: async (what, body) => {
      await access.request({ method: 'PATCH', path: path(what), body });
    },
    change: async (what, body) => {
      const contentType = 'application/json-patch+json';
      await access.request({ method: 'PATCH', path: path(what), body, contentType });
    },
    remove: async (what) => {
      await access.request({ method: 'DELETE', path: path(what) });
    },
    find: (what) => orNothing(access.request({ path: path(what) })),
    events: async (kind, of) => {
      const { items } = await access.request<EventList>({
        path: `/api/v1/namespaces/${name}/events`,
      });
      return items
        .filter(({ involvedObject: about }) => about.kind === kind && about.name === of)
        .filter(({ reportingComponent }) => reportingComponent === 'flyball.dev/controller')
        .map(({ reason, message }) => `${reason}: ${message}`);
    },
    [Symbol.asyncDispose]: async () => {
      await access.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
    },
  };
};
