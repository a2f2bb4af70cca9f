/** The objects of this node: workloads and the ConfigMap, kept over restarts. */
import { join } from 'node:path';
import type { Routing, WorkloadKey } from '@flyball/contracts';
import { type WorkloadManifest, workloadManifestSchema } from '@flyball/knative';
import {
  applyObject,
  configDataSchema,
  goneRefusal,
  type Refusal,
  type ScaleWrite,
  scaleObject,
  type WorkloadObject,
  type WorkloadSpec,
} from '@flyball/platform';
import { z } from 'zod';
import { openJournal } from './journal.ts';

interface LocalSpec extends WorkloadSpec {
  readonly manifest: WorkloadManifest;
}

export type LocalWorkload = WorkloadObject<LocalSpec>;

type ConfigData = Readonly<Record<string, string>>;

type Outcome<Value> = { readonly ok: true; readonly value: Value } | Refusal;

/** Every write is on disk before it is seen; OutsideError DISK_FULL means that nothing changed. */
export interface Objects {
  readonly list: () => readonly LocalWorkload[];
  readonly get: (workload: WorkloadKey) => LocalWorkload | undefined;
  readonly config: () => ConfigData | undefined;
  readonly apply: (manifest: WorkloadManifest, fieldManager: string) => LocalWorkload;
  readonly scale: (write: ScaleWrite) => Outcome<{ from: number; object: LocalWorkload }>;
  readonly route: (workload: WorkloadKey, routing: Routing) => Outcome<LocalWorkload>;
  /** The object that was removed; undefined when there was none. */
  readonly delete: (workload: WorkloadKey) => LocalWorkload | undefined;
  readonly configure: (data: ConfigData | undefined) => void;
  readonly close: () => void;
}

export interface ObjectsOptions {
  readonly dataDir: string;
  readonly nowMs: () => number;
  readonly newUid: () => string;
  /** Told after each write of a workload that changed something. */
  readonly onWorkload: (object: LocalWorkload) => void;
  readonly onGone: (object: LocalWorkload) => void;
  readonly onConfig: (config: ConfigData | undefined) => void;
}

const entrySchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('put'),
    manifest: workloadManifestSchema,
    uid: z.string(),
    resourceVersion: z.int().min(1),
    replicas: z.int().min(0),
    fieldManager: z.string(),
    routing: z.enum(['activator', 'pods']),
    createdAtMs: z.int().min(0),
  }),
  z.strictObject({ op: z.literal('delete'), workload: z.string() }),
  z.strictObject({ op: z.literal('config'), data: configDataSchema.nullable() }),
  /** The newest resourceVersion, so that a deleted object's is never given out again. */
  z.strictObject({ op: z.literal('version'), resourceVersion: z.int().min(0) }),
]);

type Entry = z.infer<typeof entrySchema>;

/** A file with more lines than this is written anew with one line an object. */
const journalLinesMax = 10_000;

/** A Deployment without a number asks for one pod, as in Kubernetes; a Knative Service for none. */
const firstReplicas = ({ kind, replicas }: WorkloadManifest): number =>
  replicas ?? (kind === 'Deployment' ? 1 : 0);

/** What the stages see of a manifest; on one machine every workload has a route. */
const specOf = (manifest: WorkloadManifest): LocalSpec => ({
  workload: `${manifest.namespace}/${manifest.name}`,
  annotations: manifest.annotations,
  containerConcurrency: manifest.containerConcurrency,
  timeoutSeconds: manifest.timeoutSeconds,
  reachable: true,
  replicas: firstReplicas(manifest),
  manifest,
});

const putEntry = ({ spec, ...rest }: LocalWorkload): Entry => ({
  op: 'put',
  manifest: spec.manifest,
  ...rest,
});

interface Kept {
  readonly workloads: Map<WorkloadKey, LocalWorkload>;
  config: ConfigData | undefined;
  version: number;
}

const fold = (kept: Kept, entry: Entry): void => {
  switch (entry.op) {
    case 'put': {
      const { op: _op, manifest, ...rest } = entry;
      const spec = specOf(manifest);
      kept.workloads.set(spec.workload, { ...rest, spec });
      kept.version = Math.max(kept.version, entry.resourceVersion);
      break;
    }
    case 'delete':
      kept.workloads.delete(entry.workload as WorkloadKey);
      break;
    case 'config':
      kept.config = entry.data ?? undefined;
      break;
    case 'version':
      kept.version = Math.max(kept.version, entry.resourceVersion);
  }
};

const entriesOf = (kept: Kept): readonly Entry[] => [
  { op: 'version', resourceVersion: kept.version },
  { op: 'config', data: kept.config ?? null },
  ...[...kept.workloads.values()].map(putEntry),
];

/** Opens the objects that an earlier life of this node kept. */
export const openObjects = (options: ObjectsOptions): Objects => {
  const opened = openJournal(join(options.dataDir, 'objects.jsonl'), entrySchema);
  const { journal } = opened;
  const kept: Kept = { workloads: new Map(), config: undefined, version: 0 };
  for (const entry of opened.entries) fold(kept, entry);
  journal.rewrite(entriesOf(kept));

  const write = (entry: Entry): void => {
    journal.append(entry);
    fold(kept, entry);
    if (journal.lines > journalLinesMax) journal.rewrite(entriesOf(kept));
  };
  const put = (object: LocalWorkload): LocalWorkload => {
    write(putEntry(object));
    options.onWorkload(object);
    return object;
  };

  return {
    list: () => [...kept.workloads.values()],
    get: (workload) => kept.workloads.get(workload),
    config: () => kept.config,
    apply: (manifest, fieldManager) => {
      const { nowMs, newUid } = options;
      const spec = specOf(manifest);
      const apply = { spec, fieldManager, uid: newUid(), atMs: nowMs() };
      const current = kept.workloads.get(spec.workload);
      const { object, changed } = applyObject(current, apply, kept.version + 1);
      return changed ? put(object) : object;
    },
    scale: (scale) => {
      const current = kept.workloads.get(scale.workload);
      const written = scaleObject(current, scale, kept.version + 1);
      if (!written.ok) return written;
      const object = written.changed ? put(written.object) : written.object;
      return { ok: true, value: { from: current?.replicas ?? 0, object } };
    },
    route: (workload, routing) => {
      const current = kept.workloads.get(workload);
      if (current === undefined) return goneRefusal(workload);
      const object = { ...current, routing };
      // The platform's watchers do not see routing: the object's version stays.
      if (current.routing !== routing) write(putEntry(object));
      return { ok: true, value: object };
    },
    delete: (workload) => {
      const current = kept.workloads.get(workload);
      if (current === undefined) return undefined;
      write({ op: 'delete', workload });
      options.onGone(current);
      return current;
    },
    configure: (data) => {
      write({ op: 'config', data: data ?? null });
      options.onConfig(data);
    },
    close: journal.close,
  };
};
