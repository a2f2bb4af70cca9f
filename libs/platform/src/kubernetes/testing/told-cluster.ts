/** A cluster that has what a test gives it, and whose watches show what the test says. */
import { PassThrough } from 'node:stream';
import type { KubernetesObject } from '@kubernetes/client-node';
import { onTestFinished } from 'vitest';
import type { ClusterAccess, ClusterCall } from '../cluster-access.ts';
import { ClusterError } from '../cluster-error.ts';

export interface ToldCluster {
  readonly access: ClusterAccess;
  /** Aborts when the test has finished. */
  readonly ending: AbortSignal;
  /** What a read of that path answers; of others: that there is nothing. */
  readonly stored: Map<string, KubernetesObject>;
  /** Tells whoever watches the collection of that path. */
  show(path: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject): void;
}

/** `listed`: by the path of a collection, what a listing has; nothing of those not named. */
export const openToldCluster = (
  listed: Readonly<Record<string, readonly KubernetesObject[]>>,
): ToldCluster => {
  const watches = new Map<string, PassThrough>();
  const stored = new Map<string, KubernetesObject>();
  const watchOf = (path: string): PassThrough => {
    const watch = watches.get(path) ?? new PassThrough();
    watches.set(path, watch);
    return watch;
  };
  const answer = ({ path }: ClusterCall): unknown => {
    const [asked = '', query] = path.split('?');
    // Only listings are asked for in pages.
    if (query !== undefined) {
      return { metadata: { resourceVersion: '1' }, items: listed[asked] ?? [] };
    }
    const found = stored.get(asked);
    if (found !== undefined) return found;
    throw new ClusterError('PLATFORM_GONE', `${asked} is not there`, { retriable: false });
  };
  const access: ClusterAccess = {
    namespaces: [],
    api: () => {
      throw new Error('nobody asks by it');
    },
    request: async <Answer>(call: ClusterCall) => answer(call) as Answer,
    open: async ({ path }) => watchOf(path.split('?')[0] ?? ''),
    close: async () => undefined,
  };
  const show: ToldCluster['show'] = (path, type, object) =>
    void watchOf(path).write(`${JSON.stringify({ type, object })}\n`);
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  return { access, ending: ending.signal, stored, show };
};
