/** One pod: its processes, its address, and its way from starting over ready to gone. */
import type { PodSeen } from '@flyball/platform';
import { templateKey } from './pod-template.ts';
import {
  addressesOf,
  logPath,
  moveIfTaken,
  type Part,
  type PodGround,
  type PodOptions,
  type PodWork,
  partDown,
  partsOf,
  partUp,
  show,
  startPart,
} from './pod-work.ts';
import { type SupervisedProcess, superviseProcess } from './supervised-process.ts';

interface DrainOptions {
  readonly message: string;
  /** Longest that a request in flight may still take. */
  readonly requestMaxMs: number;
}

export interface Pod {
  readonly seen: () => PodSeen;
  readonly templateKey: string;
  readonly draining: () => boolean;
  /** Files that it writes to. */
  readonly logs: readonly string[];
  /** Unready at once, ended when its requests are; resolves when it is gone. */
  readonly drain: (options: DrainOptions) => Promise<void>;
  /** Ended now: SIGTERM, then SIGKILL; within the grace, each process in its half of it. */
  readonly end: (graceMs: number) => Promise<void>;
}

const supervise = (work: PodWork, part: Part): SupervisedProcess => {
  const { clock, limits, podDelayMs } = work.ground.settings;
  return superviseProcess({
    clock,
    limits: limits.restart,
    heldBackMs: podDelayMs,
    start: () => startPart(work, part),
    onUp: () => partUp(work, part),
    onDown: (message, restartInMs) => partDown(work, part, message, restartInMs),
    beforeRestart: () => moveIfTaken(work, part),
  });
};

interface Graces {
  readonly queueProxyMs: number;
  readonly appMs: number;
}

/** The queue-proxy first: it ends when what it holds was answered, and the app answers it. */
const stop = async (work: PodWork, { queueProxyMs, appMs }: Graces): Promise<void> => {
  work.stopProbing();
  await work.parts.get('queue-proxy')?.stop(queueProxyMs);
  await work.parts.get('app')?.stop(appMs);
};

const beginDraining = (work: PodWork, message: string): void => {
  work.draining = true;
  work.stopProbing();
  show(work, { ready: false, unreadyReason: 'draining', message });
};

/**
 * 1. Unready, told at once. 2. A wait, in which everyone hears of it. 3. A wait until the requests
 * in flight are answered: by the queue-proxy's own drain, else until nobody is connected.
 * 4. SIGTERM. 5. SIGKILL for what has not ended after the grace.
 */
const drain = async (work: PodWork, { message, requestMaxMs }: DrainOptions): Promise<void> => {
  const { settings, connections } = work.ground;
  const { clock, limits } = settings;
  const { host, port } = work.place;
  beginDraining(work, message);
  if (work.up.size === work.parts.size) {
    await new Promise<void>((resolve) => void clock.after(limits.drainDelayMs, resolve));
    if (!work.parts.has('queue-proxy')) await connections.quiet(host, port, requestMaxMs);
  }
  const appMs = limits.terminationGraceMs;
  await stop(work, { queueProxyMs: requestMaxMs + appMs, appMs });
};

/** Starts a pod's processes at once; its address is known before they listen. */
export const startPod = (ground: PodGround, options: PodOptions): Pod => {
  const { template, workload, pod } = options;
  const { settings, addresses } = ground;
  const place = addresses.take();
  const parts = new Map<Part, SupervisedProcess>();
  const work: PodWork = {
    ground,
    options,
    parts,
    up: new Set(),
    place,
    seen: {
      workload,
      pod,
      ...addressesOf(place, template),
      ready: false,
      unreadyReason: null,
      message: '',
      createdAtMs: settings.clock.nowMs(),
    },
    draining: false,
    stopProbing: () => undefined,
  };
  options.onChange(work.seen);
  for (const part of partsOf(template)) parts.set(part, supervise(work, part));
  return {
    seen: () => work.seen,
    templateKey: templateKey(template),
    draining: () => work.draining,
    logs: partsOf(template).map((part) => logPath(settings.dataDir, options, part)),
    drain: async (how) => {
      await drain(work, how);
      addresses.release(work.place);
    },
    end: async (graceMs) => {
      if (!work.draining) beginDraining(work, 'the node ends');
      await stop(work, { queueProxyMs: graceMs / 2, appMs: graceMs / 2 });
    },
  };
};
