/** A platform in memory: deterministic, with virtual pods and every fault on demand. */
import { OutsideError, type Routing, type WorkloadKey } from '@flyball/contracts';
import type { Fault, PlatformCall } from './memory-faults.ts';
import {
  createMemoryWorld,
  emit,
  listing,
  type MemoryPlatformOptions,
  type MemoryWorld,
  outsideErrorOf,
  put,
  reconcile,
  unseen,
  watchWorld,
  writeScale,
} from './memory-world.ts';
import type { Platform, PodSeen, WorkloadSeen } from './platform.ts';
import { actuatorFieldManager } from './platform.ts';
import { applyObject, goneRefusal, seenOf, type WorkloadSpec } from './workload-object.ts';

/** What its users see of the world, and what only the world does. */
export interface MemoryPlatform extends Platform {
  /** Creates or replaces a workload; `kubectl` is the field manager unless another is named. */
  apply(spec: WorkloadSpec, fieldManager?: string): WorkloadSeen;
  delete(workload: WorkloadKey): void;
  /** Replaces the ConfigMap `config-autoscaler`; undefined removes it. */
  configure(config: Readonly<Record<string, string>> | undefined): void;
  /** Another writer's scale: no resourceVersion, never refused by a fault. */
  writeReplicas(workload: WorkloadKey, replicas: number, fieldManager: string): WorkloadSeen;
  workloads(): readonly WorkloadSeen[];
  pods(workload?: WorkloadKey): readonly PodSeen[];
  routingOf(workload: WorkloadKey): Routing | undefined;
  /** Lets pods age by so many steps (1 by default). */
  advance(steps?: number): void;
  /** Makes these pods ready; all that are not draining, when none is named. */
  makeReady(...pods: readonly string[]): void;
  makeUnready(pod: string, reason: 'probe-failed' | 'unknown', message: string): void;
  /** The pod's process died; it starts again at its place and is ready after its steps. */
  crash(pod: string, message: string): void;
  /** The pod vanishes without draining; another one takes its place. */
  lose(pod: string): void;
  /** The next calls of this kind fail this way, one after another. */
  fail(call: PlatformCall, fault: Fault, times?: number): void;
  /** Forgets the failures that were planned and not met yet. */
  forgetFailures(): void;
  /** Nothing answers and the watches see nothing, until `heal`. */
  blind(reason: string): void;
  heal(): void;
}

const answer = async <Value>(
  world: MemoryWorld,
  call: PlatformCall,
  act: () => Value,
): Promise<Value> => {
  if (world.blindness === undefined) return world.faults.through(call, act);
  throw new OutsideError('PLATFORM_UNREACHABLE', world.blindness, { retriable: true });
};

/** What the stages call. */
const platformOf = (world: MemoryWorld): Platform => ({
  watch: (signal) => watchWorld(world, signal),
  get: (workload) =>
    answer(world, 'get', () => {
      const object = world.objects.get(workload);
      return object && seenOf(object);
    }),
  scale: (request) =>
    answer(world, 'scale', () => {
      const { from, seen } = writeScale(world, { ...request, fieldManager: actuatorFieldManager });
      return { from, resourceVersion: seen.resourceVersion };
    }),
  route: (workload, routing) =>
    answer(world, 'route', () => {
      const object = world.objects.get(workload);
      if (object === undefined) throw outsideErrorOf(goneRefusal(workload));
      world.objects.set(workload, { ...object, routing });
    }),
  close: async () => {
    for (const watcher of world.watchers) watcher.end();
  },
});

type ObjectControls = Pick<
  MemoryPlatform,
  'apply' | 'delete' | 'configure' | 'writeReplicas' | 'workloads' | 'routingOf'
>;

/** What people and other programs do to objects. */
const objectControls = (world: MemoryWorld): ObjectControls => ({
  apply: (spec, fieldManager = 'kubectl') => {
    const next = world.version + 1;
    const write = { spec, fieldManager, uid: `uid-${next}`, atMs: world.nowMs() };
    const { object, changed } = applyObject(world.objects.get(spec.workload), write, next);
    return changed ? put(world, object) : seenOf(object);
  },
  delete: (workload) => {
    const object = world.objects.get(workload);
    if (object === undefined) return;
    world.objects.delete(workload);
    emit(world, { kind: 'workload-gone', workload, uid: object.uid });
    reconcile(world, workload);
  },
  configure: (config) => {
    world.config = config;
    emit(world, { kind: 'config', config });
  },
  writeReplicas: (workload, replicas, fieldManager) =>
    writeScale(world, { workload, replicas, fieldManager }).seen,
  workloads: () => [...world.objects.values()].map(seenOf),
  routingOf: (workload) => world.objects.get(workload)?.routing,
});

/** The platform's world: no clock but the one given, no randomness, no timers. */
export const createMemoryPlatform = (options: MemoryPlatformOptions = {}): MemoryPlatform => {
  const world = createMemoryWorld(options);
  const { pods, faults } = world;
  return {
    ...platformOf(world),
    ...objectControls(world),
    pods: (workload) => pods.list(workload),
    advance: (steps = 1) => {
      for (let step = 0; step < steps; step += 1) pods.advance();
    },
    makeReady: (...named) => {
      const all = named.length === 0 ? pods.list().map(({ pod }) => pod) : named;
      for (const pod of all) pods.makeReady(pod);
    },
    makeUnready: pods.makeUnready,
    crash: (pod, message) => pods.makeUnready(pod, 'crashed', message),
    lose: (pod) => reconcile(world, pods.end(pod)),
    fail: faults.plan,
    forgetFailures: faults.forget,
    blind: (reason) => {
      emit(world, unseen(reason));
      world.blindness = reason;
    },
    heal: () => {
      world.blindness = undefined;
      for (const change of listing(world)) emit(world, change);
    },
  };
};
