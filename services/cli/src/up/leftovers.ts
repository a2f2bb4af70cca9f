/** Ends what an earlier run left behind, told from strangers by pid and start time. */
import { setTimeout as wait } from 'node:timers/promises';
import { OutsideError } from '@flyball/contracts';
import { signalProcess } from '@flyball/service';
import type { DataFolder } from './data-folder.ts';
import { type ProcessIdentity, stillRuns } from './process-identity.ts';

const termLimitMs = 5_000;
const pollMs = 50;

const endOne = async (identity: ProcessIdentity): Promise<void> => {
  if (!stillRuns(identity)) return;
  signalProcess(identity.pid, 'SIGTERM');
  const untilMs = performance.now() + termLimitMs;
  while (performance.now() < untilMs && stillRuns(identity)) await wait(pollMs);
  if (stillRuns(identity)) signalProcess(identity.pid, 'SIGKILL');
};

/**
 * Ends the processes that a killed supervisor left, and returns their names. Rejects when that
 * supervisor still runs: two of them may not share a folder.
 */
export const endLeftovers = async (data: DataFolder): Promise<readonly string[]> => {
  const record = await data.readRun();
  if (record === undefined) return [];
  if (stillRuns(record.supervisor)) {
    const message =
      `Flyball runs with ${data.path} already (process ${record.supervisor.pid}, gateway ` +
      `${record.gatewayUrl}). End it first, or choose another folder with --data DIR.`;
    throw new OutsideError('DATA_IN_USE', message, { retriable: false });
  }
  const left = record.processes.filter(stillRuns);
  await Promise.all(left.map(endOne));
  await data.clearRun();
  return left.map(({ name }) => name);
};
