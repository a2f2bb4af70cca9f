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

export interface DrainOptions {
  readonly message: string;
  /** Longest wait for the requests in flight, before SIGTERM. */
  readonly quietMaxMs: number;
}

export interface Pod {
  readonly seen: () => PodSeen;
  readonly templateKey: string;
  readonly draining: () => boolean;
  /** Files that it writes to. */
  readonly logs: readonly string[];
  /** Unready at once, ended when its requests are; resolves when it is gone. */
  readonly drain: (options: DrainOptions) => Promise<void>;
  /** Ended now: SIGTERM, then SIGKILL after the grace. */
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

/** The queue-proxy first: it ends when what it holds was answered, and the app answers it. */
const stop = async (work: PodWork, graceMs: number): Promise<void> => {
  work.stopProbing();
  for (const process of [...work.parts.values()].toReversed()) await process.stop(graceMs);
};

const beginDraining = (work: PodWork, message: string): void => {
  work.draining = true;
  work.stopProbing();
  show(work, { ready: false, unreadyReason: 'draining', message });
};

/**
 * 1. Unready, told at once. 2. A wait, in which everyone hears of it. 3. A wait until nobody is
 * connected. 4. SIGTERM, queue-proxy first. 5. SIGKILL for what has not ended after the grace.
 */
const drain = async (work: PodWork, { message, quietMaxMs }: DrainOptions): Promise<void> => {
  const { settings, connections } = work.ground;
  const { clock, limits } = settings;
  const { host, port, queuePort } = work.place;
  beginDraining(work, message);
  if (work.up.size === work.parts.size) {
    await new Promise<void>((resolve) => void clock.after(limits.drainDelayMs, resolve));
    const front = work.parts.has('queue-proxy') ? queuePort : port;
    await connections.quiet(host, front, quietMaxMs);
  }
  await stop(work, limits.terminationGraceMs);
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
      await stop(work, graceMs);
    },
  };
};
