/** The platform on one machine: the client of the local-node. */
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import { type WorkloadManifest, workloadManifestSchema } from '@flyball/knative';
import { z } from 'zod';
import { createLocalCalls, type LocalCalls, type LocalPlatformOptions } from './local-calls.ts';
import { type LocalWatchOptions, watchLocal } from './local-watch.ts';
import type { Platform, PodSeen, ScaleAnswer, WorkloadSeen } from './platform.ts';
import { actuatorFieldManager } from './platform.ts';
import {
  configDataSchema,
  podSeenSchema,
  scaleAnswerSchema,
  wirePaths,
  workloadPath,
  workloadSeenSchema,
} from './wire.ts';

const nothing = z.strictObject({});

/** The calls that answer 404 for a workload that is gone. */
const present = <Value>(value: Value | undefined, workload: WorkloadKey): Value => {
  if (value !== undefined) return value;
  const message = `there is no workload ${workload}`;
  throw new OutsideError('PLATFORM_GONE', message, { retriable: false });
};

/** The stages' client. Connects when it is first used; `close` waits for calls in flight. */
export const createLocalPlatform = (
  options: LocalPlatformOptions & Omit<LocalWatchOptions, 'url' | 'token'>,
): Platform => {
  const { call, close } = createLocalCalls(options);
  const closing = new AbortController();
  return {
    watch: (signal) => watchLocal(options, AbortSignal.any([signal, closing.signal])),
    get: (workload) => call({ method: 'GET', path: workloadPath(workload) }, workloadSeenSchema),
    scale: async ({ workload, replicas, resourceVersion, traceparent }) => {
      const path = `${workloadPath(workload)}/scale`;
      const body = { replicas, resourceVersion, fieldManager: actuatorFieldManager };
      const written = call({ method: 'PATCH', path, body, traceparent }, scaleAnswerSchema);
      return present(await written, workload);
    },
    route: async (workload, routing) => {
      const path = `${workloadPath(workload)}/routing`;
      await call({ method: 'PUT', path, body: { routing } }, nothing);
    },
    close: async () => {
      closing.abort();
      await close();
    },
  };
};

/** What people do to a platform: the CLI's client. */
export interface LocalPlatformAdmin {
  /** Creates or replaces a workload, under `flyball-cli` unless another manager is named. */
  apply(manifest: WorkloadManifest, fieldManager?: string): Promise<WorkloadSeen>;
  /** False when there was none. Its pods drain. */
  delete(workload: WorkloadKey): Promise<boolean>;
  /** Replaces the data of `config-autoscaler`; undefined removes it. */
  configure(data: Readonly<Record<string, string>> | undefined): Promise<void>;
  config(): Promise<Readonly<Record<string, string>> | undefined>;
  /** Writes replicas as another manager would: without a resourceVersion. */
  writeReplicas(
    workload: WorkloadKey,
    replicas: number,
    fieldManager: string,
  ): Promise<ScaleAnswer>;
  workloads(): Promise<readonly WorkloadSeen[]>;
  pods(): Promise<readonly PodSeen[]>;
  manifests(): Promise<readonly WorkloadManifest[]>;
  close(): Promise<void>;
}

const listOf = async <Value>(
  { call }: LocalCalls,
  path: string,
  item: z.ZodType<Value>,
): Promise<readonly Value[]> => {
  const answer = await call({ method: 'GET', path }, z.strictObject({ items: z.array(item) }));
  return answer?.items ?? [];
};

/** All of it rejects with OutsideErrors of the PLATFORM_ codes, and DISK_FULL. */
export const createLocalPlatformAdmin = (options: LocalPlatformOptions): LocalPlatformAdmin => {
  const calls = createLocalCalls(options);
  const { call, close } = calls;
  return {
    apply: async (manifest, fieldManager = 'flyball-cli') => {
      const workload: WorkloadKey = `${manifest.namespace}/${manifest.name}`;
      const query = `?fieldManager=${encodeURIComponent(fieldManager)}`;
      const path = workloadPath(workload) + query;
      const answer = await call({ method: 'PUT', path, body: manifest }, workloadSeenSchema);
      return present(answer, workload);
    },
    delete: async (workload) =>
      (await call({ method: 'DELETE', path: workloadPath(workload) }, nothing)) !== undefined,
    configure: async (data) => {
      const path = wirePaths.config;
      if (data === undefined) await call({ method: 'DELETE', path }, nothing);
      else await call({ method: 'PUT', path, body: data }, nothing);
    },
    config: () => call({ method: 'GET', path: wirePaths.config }, configDataSchema),
    writeReplicas: async (workload, replicas, fieldManager) => {
      const path = `${workloadPath(workload)}/scale`;
      const body = { replicas, fieldManager };
      return present(await call({ method: 'PATCH', path, body }, scaleAnswerSchema), workload);
    },
    workloads: () => listOf(calls, wirePaths.workloads, workloadSeenSchema),
    pods: () => listOf(calls, wirePaths.pods, podSeenSchema),
    manifests: () => listOf(calls, wirePaths.manifests, workloadManifestSchema),
    close,
  };
};
