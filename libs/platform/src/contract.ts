/** What every platform must do; each adapter's test calls this with a way to make one. */
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createView, type PlatformView } from './contract-view.ts';
import type { Platform, PodSeen, ScaleAnswer } from './platform.ts';
import { actuatorFieldManager } from './platform.ts';

/** A platform and the hands of the world around it. */
export interface PlatformUnderTest {
  readonly platform: Platform;
  /** Creates a workload that asks for `replicas`, under the field manager `kubectl`. */
  apply(workload: WorkloadKey, replicas: number): Promise<void>;
  delete(workload: WorkloadKey): Promise<void>;
  configure(config: Readonly<Record<string, string>> | undefined): Promise<void>;
  writeReplicas(workload: WorkloadKey, replicas: number, fieldManager: string): Promise<void>;
  /** Lets pods that can become ready do so; nothing where they do it by themselves. */
  letPodsStart(): Promise<void>;
  /** The pod's process dies. */
  crash(pod: string): Promise<void>;
  /** The platform stops answering; its objects stay. */
  blind(): Promise<void>;
  heal(): Promise<void>;
  stop(): Promise<void>;
}

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof OutsideError ? error.code : `not an OutsideError: ${String(error)}`;
};

/** Runs the suite against platforms that `start` makes, whose `namespace` is empty each time. */
export const platformContract = (
  name: string,
  start: () => Promise<PlatformUnderTest>,
  namespace = 'default',
): void => {
  const web: WorkloadKey = `${namespace}/web`;
  const other: WorkloadKey = `${namespace}/other`;
  describe(`platform contract: ${name}`, () => {
    let world: PlatformUnderTest;
    let view: PlatformView;
    const versionOf = async (workload: WorkloadKey): Promise<string> =>
      (await world.platform.get(workload))?.resourceVersion ?? '';
    const readyPods = async (count: number): Promise<readonly PodSeen[]> => {
      await view.until(`${count} pods`, () => view.pods(web).length === count);
      await world.letPodsStart();
      const ready = () => view.pods(web).filter((pod) => pod.ready);
      await view.until(`${count} ready pods`, () => ready().length === count);
      return ready();
    };
    const scaleTo = async (replicas: number): Promise<ScaledBy> => {
      for (let attempt = 1; ; attempt += 1) {
        const before = await versionOf(web);
        const request = { workload: web, replicas, resourceVersion: before };
        try {
          return { before, answer: await world.platform.scale(request) };
        } catch (error) {
          const isConflict = error instanceof OutsideError && error.code === 'PLATFORM_CONFLICT';
          if (!isConflict || attempt >= conflictsMax) throw error;
        }
      }
    };

    beforeEach(async () => {
      world = await start();
      view = createView(world.platform);
      await view.until('the first listing', () => view.listings > 0);
    });
    afterEach(async () => {
      await view.end();
      await world.stop();
    });

    const using = () => ({ web, other, world, view, versionOf, readyPods, scaleTo });
    describe('objects', () => objectRules(using));
    describe('pods', () => podRules(using));
    describe('watching', () => watchRules(using));
  });
};

interface Tools {
  readonly web: WorkloadKey;
  readonly other: WorkloadKey;
  readonly world: PlatformUnderTest;
  readonly view: PlatformView;
  readonly versionOf: (workload: WorkloadKey) => Promise<string>;
  readonly readyPods: (count: number) => Promise<readonly PodSeen[]>;
  /** As the stages do: after a conflict what is there is read, and decided, again. */
  readonly scaleTo: (replicas: number) => Promise<ScaledBy>;
}

/** A platform on a slow machine may meet its own writes of other fields. */
const conflictsMax = 5;

interface ScaledBy {
  /** The version that the write rested on. */
  readonly before: string;
  readonly answer: ScaleAnswer;
}

const objectRules = (using: () => Tools): void => {
  it('shows what was applied, and nothing of what was not', async () => {
    const { web, other, world, view } = using();
    await world.apply(web, 0);
    await view.until('the workload', () => view.workload(web) !== undefined);
    expect(view.workload(web)).toEqual(await world.platform.get(web));
    expect(view.workload(web)).toMatchObject({ replicas: 0, fieldManager: 'kubectl' });
    expect(await world.platform.get(other)).toBeUndefined();
  });

  it('scales with the newest resourceVersion, and says what was before', async () => {
    const { web, world, view, scaleTo } = using();
    await world.apply(web, 0);
    const { before, answer } = await scaleTo(2);
    expect(answer.from).toBe(0);
    expect(answer.resourceVersion).not.toBe(before);
    await view.until('2 replicas', () => view.workload(web)?.replicas === 2);
    expect(view.workload(web)).toMatchObject({
      resourceVersion: answer.resourceVersion,
      fieldManager: actuatorFieldManager,
    });
  });

  it('knows its own writes, to zero and from zero', async () => {
    const { web, world, view, scaleTo } = using();
    await world.apply(web, 1);
    for (const replicas of [2, 0, 3, 0]) {
      await scaleTo(replicas);
      await view.until(`${replicas} replicas`, () => view.workload(web)?.replicas === replicas);
      expect(view.workload(web)?.fieldManager).toBe(actuatorFieldManager);
    }
  });

  it('refuses an older resourceVersion and changes nothing', async () => {
    const { web, world, versionOf } = using();
    await world.apply(web, 0);
    const stale = await versionOf(web);
    await world.writeReplicas(web, 1, 'kubectl');
    const scale = { workload: web, replicas: 5, resourceVersion: stale };
    expect(await codeOf(world.platform.scale(scale))).toBe('PLATFORM_CONFLICT');
    expect(await world.platform.get(web)).toMatchObject({ replicas: 1 });
  });

  it('keeps the resourceVersion when nothing changes', async () => {
    const { web, world, versionOf, scaleTo } = using();
    await world.apply(web, 0);
    await scaleTo(0);
    const before = await versionOf(web);
    await scaleTo(0);
    expect(await versionOf(web)).toBe(before);
  });

  it.each([-1, 1.5, 1e9, Number.NaN])('refuses %d replicas', async (replicas) => {
    const { web, world, versionOf } = using();
    await world.apply(web, 0);
    const scale = { workload: web, replicas, resourceVersion: await versionOf(web) };
    expect(await codeOf(world.platform.scale(scale))).toBe('PLATFORM_REFUSED');
    expect(await world.platform.get(web)).toMatchObject({ replicas: 0 });
  });

  it('says that a workload is gone', async () => {
    const { web, world, view } = using();
    await world.apply(web, 0);
    await world.delete(web);
    await view.until('that it is gone', () => view.gone.includes(web));
    const scale = { workload: web, replicas: 1, resourceVersion: '1' };
    expect(await codeOf(world.platform.scale(scale))).toBe('PLATFORM_GONE');
    expect(await codeOf(world.platform.route(web, 'pods'))).toBe('PLATFORM_GONE');
  });

  it('names another writer of replicas', async () => {
    const { web, world, view } = using();
    await world.apply(web, 0);
    await world.writeReplicas(web, 1, 'kubectl-edit');
    await view.until('the drift', () => view.workload(web)?.fieldManager === 'kubectl-edit');
    expect(view.workload(web)).toMatchObject({ replicas: 1 });
  });

  it('routes without a new resourceVersion', async () => {
    const { web, world, versionOf } = using();
    await world.apply(web, 0);
    const before = await versionOf(web);
    await world.platform.route(web, 'pods');
    await world.platform.route(web, 'activator');
    expect(await versionOf(web)).toBe(before);
  });
};

const podRules = (using: () => Tools): void => {
  it('starts as many pods as are asked for, with addresses of their own', async () => {
    const { web, world, readyPods } = using();
    await world.apply(web, 3);
    const pods = await readyPods(3);
    expect(new Set(pods.map((pod) => pod.address)).size).toBe(3);
    expect(pods.every((pod) => pod.address !== null && pod.unreadyReason === null)).toBe(true);
  });

  it('drains what is too many: not ready first, then gone', async () => {
    const { web, world, view, readyPods, scaleTo } = using();
    await world.apply(web, 3);
    await readyPods(3);
    await scaleTo(1);
    await view.until('2 gone pods', () => view.podsGone.length === 2);
    const drained = view.history.filter((pod) => pod.unreadyReason === 'draining');
    expect(new Set(drained.map((pod) => pod.pod))).toEqual(new Set(view.podsGone));
    expect(drained.every((pod) => !pod.ready)).toBe(true);
    expect(view.pods(web)).toMatchObject([{ ready: true }]);
  });

  it('shows a crash with its message, and the pod ready again', async () => {
    const { web, world, view, readyPods } = using();
    await world.apply(web, 1);
    const [pod] = await readyPods(1);
    await world.crash(pod?.pod ?? '');
    const crashed = () => view.history.find((seen) => seen.unreadyReason === 'crashed');
    await view.until('the crash', () => crashed() !== undefined);
    expect(crashed()).toMatchObject({ pod: pod?.pod, ready: false });
    expect(crashed()?.message).not.toBe('');
    await readyPods(1);
  });

  it('ends the pods of a workload that was deleted', async () => {
    const { web, world, view, readyPods } = using();
    await world.apply(web, 2);
    await readyPods(2);
    await world.delete(web);
    await view.until('no pods', () => view.pods(web).length === 0);
  });
};

const watchRules = (using: () => Tools): void => {
  it('begins with a whole listing', async () => {
    const { web, world, view } = using();
    await world.apply(web, 1);
    await world.configure({ 'stable-window': '60s' });
    await view.until('a pod', () => view.pods(web).length === 1);
    await view.until('the config', () => view.config !== undefined);
    const second = createView(world.platform);
    await second.until('the listing', () => second.listings === 1);
    expect(second.kinds[0]).toBe('listing');
    expect(second.config).toEqual({ 'stable-window': '60s' });
    expect(second.workload(web)).toMatchObject({ replicas: 1 });
    expect(second.pods(web)).toHaveLength(1);
    await second.end();
  });

  it('tells the ConfigMap as it changes and when it is gone', async () => {
    const { world, view } = using();
    expect(view.config).toBeUndefined();
    await world.configure({ 'enable-scale-to-zero': 'false' });
    await view.until('the config', () => view.config?.['enable-scale-to-zero'] === 'false');
    await world.configure(undefined);
    await view.until('no config', () => view.config === undefined);
  });

  it('says when it sees nothing, and lists again what it missed', async () => {
    const { web, other, world, view, versionOf } = using();
    await world.apply(web, 0);
    await world.apply(other, 0);
    const resourceVersion = await versionOf(web);
    await world.blind();
    await view.until('that it is unseen', () => view.unseen !== undefined);
    const scale = { workload: web, replicas: 1, resourceVersion };
    expect(await codeOf(world.platform.scale(scale))).toBe('PLATFORM_UNREACHABLE');
    await world.heal();
    await view.until('a second listing', () => view.listings === 2);
    // A call without an answer may have been taken or not: only what is seen now counts.
    const newest = await versionOf(web);
    await world.platform.scale({ workload: web, replicas: 2, resourceVersion: newest });
    await view.until('2 replicas', () => view.workload(web)?.replicas === 2);
    expect(view.workload(other)).toBeDefined();
  });

  it('ends when its signal aborts', async () => {
    const { world } = using();
    const stop = new AbortController();
    const kinds: string[] = [];
    for await (const change of world.platform.watch(stop.signal)) {
      kinds.push(change.kind);
      if (change.kind === 'listed') stop.abort();
    }
    expect(kinds.at(-1)).toBe('listed');
  });
};
