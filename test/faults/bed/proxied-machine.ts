/** A whole Flyball as `up` starts it, with a severable proxy on every way to NATS and Redis. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findServer, type Machine, type MachineOptions, startMachine } from '@flyball/cli';
import { z } from 'zod';
import { endHard, markWith } from '../../e2e/harness/marked-processes.ts';
import type { NatsCluster } from './cluster.ts';
import { type HeldStart, writeHeldStart } from './held-start.ts';
import { SeverableProxy } from './severable-proxy.ts';

export const stages = [
  'windower',
  'decider',
  'actuator',
  'watcher',
  'collector',
  'activator',
] as const;
export type Stage = (typeof stages)[number];

const redisPassword = 'faults-redis';
export const platformToken = 'faults-platform';
const shiftedClock = join(import.meta.dirname, '../clock/shifted-clock.mjs');

export interface ProxiedMachine extends AsyncDisposable {
  readonly machine: Machine;
  readonly data: string;
  /** Each stage's way to NATS; without one in a cluster. */
  readonly natsProxies: ReadonlyMap<Stage, SeverableProxy>;
  /** The windower's way. */
  readonly redisProxy: SeverableProxy;
  /** The actuator's way. */
  readonly platformProxy: SeverableProxy;
  readonly heldStart: HeldStart;
  /** Where the offset of a stage's clock is written, in ms. */
  clockFile(stage: Stage): string;
}

export interface MachineWanted {
  readonly folder: string;
  /** The program to use instead of the one that `up` would find. */
  readonly natsProgram?: string | undefined;
  readonly shiftableClocks: boolean;
  readonly cluster?: NatsCluster | undefined;
  readonly tell: (text: string) => void;
}

const runSchema = z.object({ natsUrl: z.string(), redisUrl: z.string(), platformUrl: z.string() });
type Urls = z.infer<typeof runSchema>;

/** The port in a URL of the record that a machine writes before it starts anything. */
const portIn = (data: string, name: keyof Urls) => async (): Promise<number> =>
  Number(
    new URL(runSchema.parse(JSON.parse(await readFile(join(data, 'run.json'), 'utf8')))[name]).port,
  );

const secretsOf = { nats: {}, redis: redisPassword, platform: platformToken };

type Settings = Record<string, Record<string, string>>;

const clusterSettings = (cluster: NatsCluster): Settings =>
  Object.fromEntries(
    stages.map((stage) => [
      stage,
      {
        FLYBALL_NATS_USER: stage,
        FLYBALL_NATS_PASSWORD: cluster.password,
        ...(stage === 'watcher'
          ? { FLYBALL_KEEPER_NATS_USER: 'keeper', FLYBALL_KEEPER_NATS_PASSWORD: cluster.password }
          : {}),
      },
    ]),
  );

const environmentOf = (
  { folder, cluster }: MachineWanted,
  heldStart: HeldStart,
): MachineOptions['env'] => {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH: `${heldStart.folder}:${PATH}`, HOME, ...markWith(folder) };
  if (cluster === undefined) return env;
  return {
    ...env,
    FLYBALL_NATS_URL: cluster.urls.join(','),
    FLYBALL_NATS_USER: 'admin',
    FLYBALL_NATS_PASSWORD: cluster.password,
  };
};

interface Proxies {
  readonly nats: ReadonlyMap<Stage, SeverableProxy>;
  readonly redis: SeverableProxy;
  readonly platform: SeverableProxy;
}

const openProxies = async (data: string, cluster: boolean): Promise<Proxies> => {
  const open = (name: keyof Urls) => SeverableProxy.open(portIn(data, name));
  const nats = new Map<Stage, SeverableProxy>();
  if (!cluster) for (const stage of stages) nats.set(stage, await open('natsUrl'));
  return { nats, redis: await open('redisUrl'), platform: await open('platformUrl') };
};

const settingsWith = (wanted: MachineWanted, { nats, redis, platform }: Proxies): Settings => {
  const all: Settings = wanted.cluster === undefined ? {} : clusterSettings(wanted.cluster);
  const add = (stage: Stage, more: Record<string, string>): void => {
    all[stage] = { ...all[stage], ...more };
  };
  for (const [stage, { port }] of nats)
    add(stage, { FLYBALL_NATS_URL: `nats://127.0.0.1:${port}` });
  add('windower', { FLYBALL_REDIS_URL: `redis://:${redisPassword}@127.0.0.1:${redis.port}` });
  add('actuator', { FLYBALL_PLATFORM_URL: `http://127.0.0.1:${platform.port}` });
  if (!wanted.shiftableClocks) return all;
  for (const stage of stages) {
    add(stage, {
      NODE_OPTIONS: `--import=${pathToFileURL(shiftedClock).href}`,
      CLOCK_OFFSET_FILE: clockFileIn(wanted.folder, stage),
    });
  }
  return all;
};

const clockFileIn = (folder: string, stage: Stage): string => join(folder, `${stage}.offset`);

/** Starts everything; rejects, with nothing left, when it cannot. */
export const startProxiedMachine = async (wanted: MachineWanted): Promise<ProxiedMachine> => {
  const { folder, tell, cluster } = wanted;
  const data = join(folder, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFile(join(data, 'secrets.json'), JSON.stringify(secretsOf), { mode: 0o600 });
  const { PATH = '' } = process.env;
  const program = wanted.natsProgram ?? (await findServer('nats-server', PATH)).path;
  const heldStart = await writeHeldStart(folder, program);
  const proxies = await openProxies(data, cluster !== undefined);
  const closeProxies = async (): Promise<void> => {
    for (const proxy of [...proxies.nats.values(), proxies.redis, proxies.platform]) {
      await proxy[Symbol.asyncDispose]();
    }
  };
  try {
    const machine = await startMachine({
      data,
      gatewayHost: '127.0.0.1',
      gatewayPort: 0,
      domain: 'example.com',
      logLevel: 'info',
      env: environmentOf(wanted, heldStart),
      settings: settingsWith(wanted, proxies),
      tell: (event) => {
        if (event.kind === 'exited') tell(`${event.name} ${event.how}`);
      },
    });
    // The services end with their supervisor; the stores would stay when this is cut off.
    const endStores = (): void => {
      for (const { name, pid } of machine.run.processes) if (/-server$/.test(name)) endHard(pid);
    };
    process.once('exit', endStores);
    return {
      ...{ machine, data, heldStart },
      natsProxies: proxies.nats,
      redisProxy: proxies.redis,
      platformProxy: proxies.platform,
      clockFile: (stage) => clockFileIn(folder, stage),
      [Symbol.asyncDispose]: async () => {
        await heldStart.letGo();
        await machine.stop();
        process.off('exit', endStores);
        await closeProxies();
      },
    };
  } catch (error) {
    await closeProxies();
    throw error;
  }
};
