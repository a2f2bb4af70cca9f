/** The pods that are bound to this node: begun, ended, and never lost sight of. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ApiObject } from '../api/api-client.ts';
import { type PodObject, podOf } from './pod-object.ts';
import { forgetPod, type NodeContext, type PodRun, runPod } from './pod-run.ts';

const listAgainAfterMs = 100;

export interface PodFollower {
  /** Goes on until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
  /** Ends every process at once. */
  killAll(): Promise<void>;
}

export const createPodFollower = (context: NodeContext): PodFollower => {
  const { api, name, onTrouble } = context;
  const running = new Map<string, PodRun>();
  const query = { fieldSelector: `spec.nodeName=${name}` };

  const end = async (uid: string, how: (run: PodRun) => Promise<void>): Promise<void> => {
    const run = running.get(uid);
    if (run === undefined) return;
    await how(run);
    running.delete(uid);
  };
  const settle = async (pod: PodObject): Promise<void> => {
    const { uid, deletionTimestamp } = pod.metadata;
    const deleted = deletionTimestamp !== undefined;
    const known = running.has(uid);
    if (known && deleted) await end(uid, (run) => run.end(pod));
    else if (!known && !deleted && pod.status.phase === 'Pending') {
      running.set(uid, runPod(context, pod));
    } else if (!known && (deleted || pod.status.phase === 'Running')) {
      // An earlier process of this node ran it: its processes are gone, and so is the pod.
      await forgetPod(api, pod);
    }
  };
  const see = (object: ApiObject): void => {
    const { namespace, name: podName } = object.metadata;
    const what = `pod ${namespace}/${podName}`;
    try {
      settle(podOf(object)).catch((error: unknown) => onTrouble(what, error));
    } catch (error) {
      onTrouble(what, error);
    }
  };
  const kill = (uid: string): void => {
    end(uid, (run) => run.kill()).catch((error: unknown) => onTrouble(`pod ${uid}`, error));
  };
  const listAndWatch = async (signal: AbortSignal): Promise<void> => {
    const { items, resourceVersion } = await api.list('/api/v1/pods', query);
    const present = new Set(items.map(({ metadata }) => metadata.uid));
    for (const uid of running.keys()) if (!present.has(uid)) kill(uid);
    items.forEach(see);
    const onChange = (type: string, object: ApiObject): void => {
      if (type === 'DELETED') kill(object.metadata.uid);
      else see(object);
    };
    await api.watch('/api/v1/pods', { resourceVersion, query, signal, onChange });
  };
  return {
    follow: async (signal) => {
      while (!signal.aborted) {
        // The API server may be away or start again: what runs goes on meanwhile.
        await listAndWatch(signal).catch(() => undefined);
        await wait(listAgainAfterMs, undefined, { signal }).catch(() => undefined);
      }
    },
    killAll: async () => void (await Promise.all([...running.values()].map((run) => run.kill()))),
  };
};
