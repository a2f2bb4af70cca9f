/** A real Kubernetes control plane on the loopback: started in order, hurt, ended in order. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '@flyball/event-log/testing';
import { writeCredentials } from './credentials.ts';
import { type PartProcess, startProcess } from './part-process.ts';
import {
  argumentsOf,
  filesIn,
  type PartName,
  type PartPlace,
  type Ports,
  partNames,
} from './parts.ts';
import { buildPrograms, type Tell } from './programs.ts';
import { serves } from './serves.ts';

const servesLimitMs = 120_000;
const pollMs = 50;

export interface ControlPlane extends AsyncDisposable {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly folder: string;
  pidOf(part: PartName): number;
  /** SIGKILL; it stays away until it is started again. */
  kill(part: PartName): Promise<void>;
  /** Starts a part that was killed, on its old port, and waits until it serves. */
  start(part: PartName): Promise<void>;
  /** Ends everything, the last one first; the folder keeps its data. */
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Keys, logs and etcd's data; an earlier one's objects are found again. */
  readonly folder: string;
  readonly tell: Tell;
  readonly more?: PartPlace['more'];
  /** Only these; all of them by default. Without the controller manager no pod is made. */
  readonly parts?: readonly PartName[];
}

const freePorts = async (): Promise<Ports> => ({
  etcd: await freePort(),
  etcdPeers: await freePort(),
  apiServer: await freePort(),
  controllerManager: await freePort(),
  scheduler: await freePort(),
});

const untilServes = async (part: PartName, place: PartPlace, running: PartProcess) => {
  const deadlineMs = performance.now() + servesLimitMs;
  while (!(await serves(part, place))) {
    if (!running.running()) {
      throw new Error(`${part} ended at once:\n${await running.lastLines()}`);
    }
    if (performance.now() > deadlineMs) {
      throw new Error(`${part} does not serve:\n${await running.lastLines()}`);
    }
    await wait(pollMs);
  }
};

/**
 * Starts it and resolves when all of it serves; builds the programs where they are missing. On
 * failure what had been started is ended before the error is passed on.
 */
export const startControlPlane = async (options: ControlPlaneOptions): Promise<ControlPlane> => {
  const { folder, parts = partNames } = options;
  const programs = await buildPrograms(options.tell);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ports = await freePorts();
  const place: PartPlace = { folder, ports, ...(options.more && { more: options.more }) };
  await writeCredentials(folder, ports.apiServer);
  const running = new Map<PartName, PartProcess>();
  const start = async (part: PartName): Promise<void> => {
    const program = join(programs, part);
    const started = await startProcess({
      ...{ name: part, program, folder },
      args: argumentsOf(part, place),
    });
    running.set(part, started);
    await untilServes(part, place, started);
  };
  const stop = async (): Promise<void> => {
    for (const part of partNames.toReversed()) await running.get(part)?.end();
  };
  try {
    for (const part of partNames) if (parts.includes(part)) await start(part);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    kubeconfig: filesIn(folder).kubeconfig,
    folder,
    pidOf: (part) => running.get(part)?.pid ?? 0,
    kill: async (part) => running.get(part)?.kill(),
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
