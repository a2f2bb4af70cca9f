/** Notices that a store's disk was full, and starts the store again once there is room. */
import { statfs } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { SupervisedProcess } from './supervised.ts';

/** With less than this free, a write may have been refused. */
export const fullBelowBytes = 1_024 * 1_024;
/** With this much free, there is room again. */
export const roomFromBytes = 16 * 1_024 * 1_024;
/** A disk that is full for less than this, and then not, is not noticed. */
const lookEveryMs = 1_000;

export type SpaceEvent = {
  readonly kind: 'disk full' | 'disk has room';
  readonly name: string;
  readonly folder: string;
  readonly freeBytes: number;
};

export interface SpaceWatchOptions {
  readonly part: Pick<SupervisedProcess, 'name' | 'restart'>;
  readonly folder: string;
  readonly tell: (event: SpaceEvent) => void;
  /** Bytes that a process may still write where this folder is; asks the system unless given. */
  readonly freeBytesIn?: (folder: string) => Promise<number>;
  readonly everyMs?: number;
  readonly signal: AbortSignal;
}

const freeBytesOfDisk = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/**
 * Looks once a second until the signal aborts. A nats-server whose write failed takes none any
 * more on that stream, without an answer and whatever space there is later, until it is started
 * again (2.9.10 and 2.14.9 alike); which streams those are it does not tell.
 */
export const watchSpace = async (options: SpaceWatchOptions): Promise<void> => {
  const { part, folder, tell, signal } = options;
  const { freeBytesIn = freeBytesOfDisk, everyMs = lookEveryMs } = options;
  let wasFull = false;
  const look = async (): Promise<void> => {
    const freeBytes = await freeBytesIn(folder);
    if (signal.aborted || (wasFull ? freeBytes < roomFromBytes : freeBytes >= fullBelowBytes)) {
      return;
    }
    wasFull = !wasFull;
    tell({ kind: wasFull ? 'disk full' : 'disk has room', name: part.name, folder, freeBytes });
    if (!wasFull) part.restart();
  };
  while (!signal.aborted) {
    // A folder that cannot be asked for says nothing: the store itself will.
    await look().catch(() => undefined);
    await wait(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
};
