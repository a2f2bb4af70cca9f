/** What tests ask of the pods of a running local-node. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LocalPlatformAdmin, PodSeen } from '@flyball/platform';

const conditionMaxMs = 15_000;
const pollMs = 20;

/** Waits until `look` gives a value; rejects with what was waited for when it does not in time. */
export const eventually = async <Value>(
  what: string,
  look: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> => {
  const deadline = AbortSignal.timeout(conditionMaxMs);
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (deadline.aborted) throw new Error(`waited ${conditionMaxMs} ms in vain for ${what}`);
    await delay(pollMs);
  }
};

export const readyPods = (admin: LocalPlatformAdmin, count: number): Promise<readonly PodSeen[]> =>
  eventually(`${count} ready pods`, async () => {
    const pods = await admin.pods();
    const ready = pods.filter((pod) => pod.ready);
    return ready.length === count && pods.length === count ? ready : undefined;
  });

/** Pids of the processes that the node's record holds as started. */
export const recordedPids = (folder: string): readonly number[] => {
  const lines = readFileSync(join(folder, 'pods.jsonl'), 'utf8').trim().split('\n');
  const entries = lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly op: string; readonly pid: number });
  const ended = new Set(entries.filter(({ op }) => op === 'ended').map(({ pid }) => pid));
  return entries.filter(({ op, pid }) => op === 'started' && !ended.has(pid)).map(({ pid }) => pid);
};

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // No such process.
    return false;
  }
};
