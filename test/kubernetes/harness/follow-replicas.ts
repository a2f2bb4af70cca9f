/** Every replica count that a Deployment is given while it is followed. */
import { z } from 'zod';
import type { ApiClient, ApiObject } from '../api/api-client.ts';

const wantedSchema = z.looseObject({ spec: z.looseObject({ replicas: z.int() }) });

export interface FollowedReplicas extends AsyncDisposable {
  /** In order, without repetitions; the first is the count at the beginning. */
  seen(): readonly number[];
}

/** Follows the object at this path from now on. A watch that breaks is an error of `seen`. */
export const followReplicas = async (api: ApiClient, path: string): Promise<FollowedReplicas> => {
  const slash = path.lastIndexOf('/');
  const collection = path.slice(0, slash);
  const query = { fieldSelector: `metadata.name=${path.slice(slash + 1)}` };
  const counts: number[] = [];
  let broken: unknown;
  const note = (object: ApiObject): void => {
    const { replicas } = wantedSchema.parse(object).spec;
    if (counts.at(-1) !== replicas) counts.push(replicas);
  };
  const { items, resourceVersion } = await api.list(collection, query);
  items.forEach(note);
  const over = new AbortController();
  const { signal } = over;
  const onChange = (_type: string, object: ApiObject): void => note(object);
  const done = api.watch(collection, { resourceVersion, query, signal, onChange }).then(
    () => {
      broken = new Error('The watch ended.');
    },
    (error: unknown) => {
      broken = error;
    },
  );
  return {
    seen: () => {
      if (broken !== undefined) throw broken;
      return [...counts];
    },
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await done;
    },
  };
};
