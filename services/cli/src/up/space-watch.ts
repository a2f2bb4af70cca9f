/** Notices that a store's disk was full, and starts the store again once there is room. */
import { setTimeout as wait } from 'node:timers/promises';
import { freeBytesIn as freeBytesOfDisk, mebibyte, roomFromBytes } from './free-space.ts';
import type { SupervisedProcess } from './supervised.ts';

/** With less than this free, a write may have been refused. */
export const fullBelowBytes = mebibyte;
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

/**
 * Looks once a second until the signal aborts. A nats-server whose write failed takes none any
 * more on that stream, without an answer and whatever space there is later, until it is started
 * again (2.9.10 and 2.14.9 alike); which streams those are it does not tell. Rejects only with
 * what `tell` or the restart throws.
 */
export const watchSpace = async (options: SpaceWatchOptions): Promise<void> => {
  const { part, folder, tell, signal } = options;
  const { freeBytesIn = freeBytesOfDisk, everyMs = lookEveryMs } = options;
  let wasFull = false;
  const look = async (): Promise<void> => {
    // A folder that cannot be asked for says nothing: the store itself will.
    const freeBytes = await freeBytesIn(folder).catch(() => undefined);
    if (freeBytes === undefined || signal.aborted) return;
    if (wasFull ? freeBytes < roomFromBytes : freeBytes >= fullBelowBytes) return;
    wasFull = !wasFull;
    tell({ kind: wasFull ? 'disk full' : 'disk has room', name: part.name, folder, freeBytes });
    if (!wasFull) part.restart();
  };
  while (!signal.aborted) {
    await look();
    await wait(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
};
