/** What a process holds: open files and resident memory, compared before and after. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { untilTrue } from '../../integration/data-plane/waiting.ts';

export interface ProcessBase {
  /** Waits until the open files are as many as before, and looks at the memory. */
  expectBack(): Promise<void>;
}

/** Connections to a pod and to NATS that are kept open. */
const keptOpenMax = 8;
/** What a heap may grow by before it is collected. */
const grownMaxKiB = 300 * 1_024;

const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

const residentKiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Remembers how it is now. On systems without /proc nothing is compared. */
export const rememberBase = (pid: number): ProcessBase => {
  if (process.platform !== 'linux') return { expectBack: async () => undefined };
  const [files, resident] = [openFiles(pid), residentKiB(pid)];
  return {
    expectBack: async () => {
      await untilTrue('its sockets are closed', () => openFiles(pid) <= files + keptOpenMax);
      expect(residentKiB(pid) - resident).toBeLessThan(grownMaxKiB);
    },
  };
};
