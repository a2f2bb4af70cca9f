/** Whether there is room to begin: a store that cannot write would only be slow to say so. */
import { statfs } from 'node:fs/promises';
import { OutsideError } from '@flyball/contracts';

/** Streams, windows, logs and pods' logs of a first hour fit into it. */
const freeBytesMin = 16 * 1_024 * 1_024;
const mebibyte = 1_024 * 1_024;

/** Rejects with DISK_FULL, naming the folder, when less than 16 MiB are free where one is. */
export const assertSpaceIn = async (folders: readonly string[]): Promise<void> => {
  for (const folder of folders) {
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    if (freeBytes >= freeBytesMin) continue;
    const message =
      `There is no space left to begin in ${folder}: ${(freeBytes / mebibyte).toFixed(1)} MiB ` +
      `are free, ${freeBytesMin / mebibyte} are needed. Free some, or choose --data DIR.`;
    throw new OutsideError('DISK_FULL', message, { retriable: false });
  }
};
