/** A whole Flyball of its own for one part of the bench: started, watched, ended, swept away. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectPlatform, connectReader, type MachineOptions, startMachine } from '@flyball/cli';
import type { EventLog } from '@flyball/event-log';
import type { BenchContext } from '../bench-context.ts';
import { createGatewayClient, type GatewayClient } from './gateway-client.ts';
import { type LogWatch, watchLog } from './log-watch.ts';

type Running = Awaited<ReturnType<typeof startMachine>>;

export interface Bed {
  readonly machine: Running;
  readonly platform: ReturnType<typeof connectPlatform>;
  /** Read by nobody but whoever reads it. */
  readonly log: EventLog;
  readonly watch: LogWatch;
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

const useParts = async <Result>(
  machine: Running,
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
