/** How much a process may still write where a folder is, and whether that is enough to begin. */
import { statfs } from 'node:fs/promises';
import { OutsideError } from '@flyball/contracts';

export const mebibyte = 1_024 * 1_024;
/** Streams, windows, logs and pods' logs of a first hour fit into it: there is room. */
export const roomFromBytes = 16 * mebibyte;

/**
 * What every user may still write there; rejects as statfs does. Root's reserve is not counted for
 * root either: root of a container or on a network file system may not have it, and a disk that is
 * taken for full too early costs one needless start, one that is never taken for full the store.
 */
export const freeBytesIn = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** Rejects with DISK_FULL, naming the folder, when less than 16 MiB are free where one is. */
export const assertSpaceIn = async (folders: readonly string[]): Promise<void> => {
  for (const folder of folders) {
    const freeBytes = await freeBytesIn(folder);
    if (freeBytes >= roomFromBytes) continue;
    const message =
      `There is no space left to begin in ${folder}: ${(freeBytes / mebibyte).toFixed(1)} MiB ` +
      `are free, ${roomFromBytes / mebibyte} are needed. Free some, or choose --data DIR.`;
    throw new OutsideError('DISK_FULL', message, { retriable: false });
  }
};
