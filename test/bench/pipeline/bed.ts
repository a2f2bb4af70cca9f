/** A whole Flyball of its own for one part of the bench: started, watched, ended, swept away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  connectPlatform,
  connectReader,
  findRunning,
  type MachineOptions,
  repositoryRoot,
  startMachine,
} from '@flyball/cli';
import type { EventLog } from '@flyball/event-log';
import type { BenchContext } from '../bench-context.ts';
import { createGatewayClient, type GatewayClient } from './gateway-client.ts';
import { type LogWatch, watchLog } from './log-watch.ts';

type Machine = Awaited<ReturnType<typeof startMachine>>;
type Running = Awaited<ReturnType<typeof findRunning>>;

/** What it takes to make workloads and to look at what they cost. */
export interface PlainBed {
  readonly machine: Running;
  readonly platform: ReturnType<typeof connectPlatform>;
  readonly watch: LogWatch;
}

export interface Bed extends PlainBed {
  readonly machine: Machine;
  /** Read by nobody but whoever reads it. */
  readonly log: EventLog;
  readonly client: GatewayClient;
}

/** Starts everything as processes of their own, gives it to `use`, and ends it whatever happens. */
export const withBed = async <Result>(
  { env, tell, profileFolder, logsFolder }: BenchContext,
  settings: NonNullable<MachineOptions['settings']>,
  use: (bed: Bed) => Promise<Result>,
): Promise<Result> => {
  const data = await mkdtemp(join(tmpdir(), 'flyball-bench-'));
  const machine = await startMachine({
    data,
    gatewayHost: '127.0.0.1',
    gatewayPort: 0,
    domain: 'example.com',
    logLevel: logsFolder === undefined ? 'warn' : 'info',
    env,
    settings: profileFolder === undefined ? settings : profiled(settings, profileFolder),
    tell: (event) => {
      if (event.kind === 'exited') tell(`  ${event.name} ${event.how} ${event.tail.at(-1) ?? ''}`);
    },
  });
  try {
    return await useParts(machine, use);
  } finally {
    await machine.stop();
    if (logsFolder !== undefined) await cp(join(data, 'logs'), logsFolder, { recursive: true });
    await rm(data, { recursive: true, force: true });
  }
};

const upLine = /Ctrl-C drains/;

/** Starts `flyball all`, every stage in one process, gives it to `use`, and ends it. */
export const withOneProcess = async <Result>(
  { env, signal }: BenchContext,
  use: (bed: PlainBed) => Promise<Result>,
): Promise<Result> => {
  const data = await mkdtemp(join(tmpdir(), 'flyball-bench-'));
  const program = join(repositoryRoot, 'services/cli/src/main.ts');
  const all = [program, 'all', '--data', data, '--port', '0', '--no-console'];
  const args = [...all, '--log-level', 'warn'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  try {
    const up = once(
      createInterface(child.stdout).on('line', (line) => {
        if (upLine.test(line)) child.emit('up');
      }),
      'close',
    ).then(() => Promise.reject(new Error('flyball all ended instead of being up')));
    await Promise.race([once(child, 'up', { signal }), up]);
    const machine = await findRunning(data);
    const log = await connectReader(machine);
    const platform = connectPlatform(machine);
    const watch = await watchLog(log);
    try {
      return await use({ machine, platform, watch });
    } finally {
      watch.stop();
      await Promise.all([log.close(), platform.close()]);
    }
  } finally {
    child.kill('SIGINT');
    await ended;
    await rm(data, { recursive: true, force: true });
  }
};

const useParts = async <Result>(
  machine: Machine,
  use: (bed: Bed) => Promise<Result>,
): Promise<Result> => {
  const platform = connectPlatform(machine);
  const log = await connectReader(machine);
  const watch = await watchLog(log);
  const client = createGatewayClient(machine.run);
  try {
    return await use({ machine, platform, log, watch, client });
  } finally {
    watch.stop();
    await Promise.all([client.close(), log.close(), platform.close()]);
  }
};

const profiledServices = ['windower', 'decider', 'actuator', 'activator', 'watcher'] as const;

/** Each stage writes where its time went when it ends. */
const profiled = (
  settings: NonNullable<MachineOptions['settings']>,
  folder: string,
): NonNullable<MachineOptions['settings']> => {
  const options = (name: string) => `--cpu-prof --cpu-prof-dir=${join(folder, name)}`;
  const added = profiledServices.map((name) => [
    name,
    { ...settings[name], NODE_OPTIONS: options(name) },
  ]);
  return { ...settings, ...Object.fromEntries(added) };
};
