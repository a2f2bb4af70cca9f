/** The world of the platform in memory: objects, pods, who watches, and what can go wrong. */
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import { type ChangeQueue, createChangeQueue } from './change-queue.ts';
import { createFaults, type Faults } from './memory-faults.ts';
import { createMemoryPods, type MemoryPods, podOwner, type Steps } from './memory-pods.ts';
import type { PlatformChange, WorkloadSeen } from './platform.ts';
import type { Refusal, ScaleWrite, WorkloadObject } from './workload-object.ts';
import { scaleObject, seenOf } from './workload-object.ts';

export interface MemoryPlatformOptions {
  /** UTC milliseconds for `createdAtMs`; 0 for ever by default. */
  readonly nowMs?: () => number;
  /** `when-told` by default: `makeReady` does it. */
  readonly readyAfterSteps?: (pod: string) => Steps;
  /** 0 by default: a drained pod is gone at once. */
  readonly goneAfterSteps?: (pod: string) => Steps;
  /** A watcher that is further behind gets a new listing. */
  readonly waitingChangesMax?: number;
}

type Config = Readonly<Record<string, string>> | undefined;

export interface MemoryWorld {
  readonly objects: Map<WorkloadKey, WorkloadObject>;
  readonly watchers: Set<ChangeQueue>;
  readonly pods: MemoryPods;
  readonly faults: Faults;
  readonly nowMs: () => number;
  config: Config;
  /** The newest resourceVersion. */
  version: number;
  /** Why nothing answers; undefined while all is well. */
  blindness: string | undefined;
  readonly waitingChangesMax: number | undefined;
}

const emitTo = (watchers: Iterable<ChangeQueue>, change: PlatformChange): void => {
  for (const watcher of watchers) watcher.push(change);
};

export const createMemoryWorld = (options: MemoryPlatformOptions): MemoryWorld => {
  const { nowMs = () => 0, readyAfterSteps, goneAfterSteps, waitingChangesMax } = options;
  const watchers = new Set<ChangeQueue>();
  const pods = createMemoryPods({
    nowMs,
    readyAfterSteps: readyAfterSteps ?? (() => 'when-told'),
    goneAfterSteps: goneAfterSteps ?? (() => 0),
    emit: (change) => {
      if (world.blindness === undefined) emitTo(watchers, change);
    },
  });
  const world: MemoryWorld = {
    objects: new Map(),
    watchers,
    pods,
    faults: createFaults(),
    nowMs,
    config: undefined,
    version: 0,
    blindness: undefined,
    waitingChangesMax,
  };
  return world;
};

export const unseen = (reason: string): PlatformChange => ({ kind: 'unseen', reason });

/** Tells all watchers; nobody hears anything while the platform is blind. */
export const emit = (world: MemoryWorld, change: PlatformChange): void => {
  if (world.blindness === undefined) emitTo(world.watchers, change);
};

/** How all things are now, from `listing` to `listed`. */
export const listing = (world: MemoryWorld): readonly PlatformChange[] => [
  { kind: 'listing' },
  { kind: 'config', config: world.config },
  ...[...world.objects.values()].map((object) => ({
    kind: 'workload' as const,
    workload: seenOf(object),
  })),
  ...world.pods.list().map((pod) => ({ kind: 'pod' as const, pod })),
  { kind: 'listed' },
];

/** Makes or drains pods as the object asks; all of them when it is gone. */
export const reconcile = (world: MemoryWorld, workload: WorkloadKey): void => {
  const object = world.objects.get(workload);
  world.pods.reconcile(podOwner(workload, object?.replicas ?? 0, object?.spec.annotations ?? {}));
};

/** Stores an object that was written, tells it, and lets its pods follow. */
export const put = (world: MemoryWorld, object: WorkloadObject): WorkloadSeen => {
  world.version = object.resourceVersion;
  world.objects.set(object.spec.workload, object);
  emit(world, { kind: 'workload', workload: seenOf(object) });
  reconcile(world, object.spec.workload);
  return seenOf(object);
};

export const outsideErrorOf = ({ code, message, allowed }: Refusal): OutsideError =>
  new OutsideError(code, `${message}; allowed: ${allowed}`, { retriable: false });

/** Writes replicas; throws the OutsideError of the refusal. */
export const writeScale = (
  world: MemoryWorld,
  write: ScaleWrite,
): { readonly from: number; readonly seen: WorkloadSeen } => {
  const current = world.objects.get(write.workload);
  const written = scaleObject(current, write, world.version + 1);
  if (!written.ok) throw outsideErrorOf(written);
  const seen = written.changed ? put(world, written.object) : seenOf(written.object);
  return { from: current?.replicas ?? 0, seen };
};

/** One watcher's changes: a listing, or that nothing is seen, and what follows. */
export async function* watchWorld(
  world: MemoryWorld,
  signal: AbortSignal,
): AsyncGenerator<PlatformChange, void, undefined> {
  if (signal.aborted) return;
  const { blindness, waitingChangesMax } = world;
  const queue = createChangeQueue({
    relist: () => (world.blindness === undefined ? listing(world) : [unseen(world.blindness)]),
    ...(waitingChangesMax === undefined ? {} : { waitingMax: waitingChangesMax }),
  });
  const end = (): void => queue.end();
  signal.addEventListener('abort', end, { once: true });
  for (const change of blindness === undefined ? listing(world) : [unseen(blindness)]) {
    queue.push(change);
  }
  world.watchers.add(queue);
  try {
    yield* queue;
  } finally {
    world.watchers.delete(queue);
    signal.removeEventListener('abort', end);
  }
}
