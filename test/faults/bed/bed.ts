/** What every fault is done to: a Flyball under steady load, watched from outside. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectPlatform } from '@flyball/cli';
import type { NatsServerBinary } from '@flyball/event-log/testing';
import type { LocalPlatformAdmin } from '@flyball/platform';
import type { NatsConnection } from '@nats-io/transport-node';
import { endHard, markedProcesses, markWith } from '../../e2e/harness/marked-processes.ts';
import { until } from '../../e2e/harness/until.ts';
import { connectRaw, lastSequence } from '../judge/raw-log.ts';
import { startWitness, type Witness } from '../judge/witness.ts';
import { type SteadyLoad, startSteadyLoad } from '../load/steady-load.ts';
import { type NatsCluster, startNatsCluster } from './cluster.ts';
import { createProbes, type Probes } from './probes.ts';
import { type ProxiedMachine, startProxiedMachine } from './proxied-machine.ts';
import { type ReplicaWatch, watchReplicas } from './replica-watch.ts';
import { heldLimitMs, manifests, settings, steadyReplicas, streams } from './scene.ts';

/** As `up` makes the log. */
export const partitionCount = 8;

/** Which kind of Flyball a fault needs. */
export type BedKind = 'plain' | 'shiftable clocks' | 'small disk' | 'cluster';

export interface Bed {
  readonly folder: string;
  readonly flyball: ProxiedMachine;
  readonly cluster: NatsCluster | undefined;
  readonly platform: LocalPlatformAdmin;
  readonly raw: NatsConnection;
  readonly witness: Witness;
  readonly replicas: ReplicaWatch;
  readonly load: SteadyLoad;
  readonly probes: Probes;
}

export interface BedOptions {
  readonly kind: BedKind;
  /** Instead of the server that `up` would find; a cluster needs one. */
  readonly nats?: NatsServerBinary | undefined;
  /** Where the services' logs are copied to in the end. */
  readonly logs?: string | undefined;
  readonly tell: (text: string) => void;
}

const smallDiskSize = '96m';
const steadyLimitMs = 90_000;
/** Longer than a short window: what has been steady for so long stays so. */
const steadyMs = 12_000;
const run = promisify(execFile);

/** Ends in reverse order whatever was begun, each in spite of the others. */
const endAll = async (begun: readonly AsyncDisposable[]): Promise<void> => {
  const errors: unknown[] = [];
  for (const one of begun.toReversed()) {
    await Promise.resolve(one[Symbol.asyncDispose]()).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, 'The bed did not end well.');
};

const mountSmallDisk = async (folder: string): Promise<AsyncDisposable> => {
  const path = join(folder, 'data/nats');
  await mkdir(path, { recursive: true, mode: 0o700 });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${smallDiskSize}`, 'none', path]);
  return { [Symbol.asyncDispose]: async () => void (await run('umount', ['--lazy', path])) };
};

const leaveNothing = (folder: string): AsyncDisposable => ({
  [Symbol.asyncDispose]: async () => {
    const left = await markedProcesses(folder);
    for (const { pid } of left) endHard(pid);
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    const names = left.map(({ pid, command }) => `${pid} ${command}`).join('\n  ');
    if (left.length > 0) throw new Error(`Processes were left behind:\n  ${names}`);
  },
});

const copyLogs = (folder: string, to: string): AsyncDisposable => ({
  [Symbol.asyncDispose]: () => cp(join(folder, 'data/logs'), to, { recursive: true }),
});

const applyScene = async (platform: LocalPlatformAdmin, hasShort: boolean): Promise<void> => {
  await platform.configure(settings(hasShort));
  for (const manifest of manifests()) await platform.apply(manifest);
};

/** The steady workloads that have not as many replicas and pods as they should. */
const unsteady = async (platform: LocalPlatformAdmin): Promise<readonly string[]> => {
  const workloads = await platform.workloads();
  const pods = await platform.pods();
  return workloads.flatMap(({ workload, replicas }) => {
    const own = pods.filter((pod) => pod.workload === workload);
    const expected = steadyReplicas.get(workload);
    if (expected === undefined || (replicas === expected && own.length === expected)) return [];
    return [`${workload}: ${replicas} wanted, ${own.length} pods`];
  });
};

/** At once when it is; else when it has been for longer than a window. */
export const untilSteadyAgain = async ({ platform }: Bed): Promise<void> => {
  if ((await unsteady(platform)).length > 0) await untilSteady(platform);
};

const untilSteady = async (platform: LocalPlatformAdmin): Promise<void> => {
  const count = () => unsteady(platform);
  let since = performance.now();
  await until('the load is steady', { limitMs: steadyLimitMs, seen: count }, async () => {
    if ((await count()).length > 0) since = performance.now();
    return performance.now() - since > steadyMs;
  });
};

/** Opens one, gives it to `use` once the load is steady, and leaves nothing of it behind. */
export const withBed = async <Result>(
  { kind, nats, logs, tell }: BedOptions,
  use: (bed: Bed) => Promise<Result>,
): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-faults-'));
  const begun: AsyncDisposable[] = [leaveNothing(folder)];
  const keep = <One extends AsyncDisposable>(one: One): One => {
    begun.push(one);
    return one;
  };
  try {
    if (kind === 'small disk') keep(await mountSmallDisk(folder));
    if (kind === 'cluster' && nats === undefined) throw new Error('A cluster needs a nats-server.');
    const cluster =
      kind === 'cluster' && nats !== undefined
        ? keep(await startNatsCluster(folder, nats))
        : undefined;
    const flyball = keep(
      await startProxiedMachine({
        ...{ folder, cluster, tell },
        natsProgram: nats?.path,
        shiftableClocks: kind === 'shiftable clocks',
      }),
    );
    if (logs !== undefined) keep(copyLogs(folder, join(logs, kind.replaceAll(' ', '-'))));
    return await use(await furnish(kind, { folder, flyball, cluster }, keep));
  } finally {
    await endAll(begun);
  }
};

type Keep = <One extends AsyncDisposable>(one: One) => One;

const furnish = async (
  kind: BedKind,
  started: Pick<Bed, 'folder' | 'flyball' | 'cluster'>,
  keep: Keep,
): Promise<Bed> => {
  const { folder, flyball, cluster } = started;
  const { run: record, secrets } = flyball.machine;
  const platform = connectPlatform(flyball.machine);
  keep({ [Symbol.asyncDispose]: () => platform.close() });
  const password = cluster?.password ?? secrets.nats.reader;
  const servers = cluster?.urls ?? [record.natsUrl];
  const raw = await connectRaw({ servers, user: 'reader', password });
  keep({ [Symbol.asyncDispose]: () => raw.close() });
  const witness = keep(startWitness(raw));
  // What a source says at a time that is not is never said again: a short window would be empty.
  await applyScene(platform, kind !== 'shiftable clocks');
  const plan = { gatewayUrl: record.gatewayUrl, heldLimitMs, streams: streams() };
  const { PATH = '' } = process.env;
  await untilKnown(raw);
  const load = keep(await startSteadyLoad(plan, { PATH, ...markWith(folder) }));
  await untilSteady(platform);
  const replicas = keep(watchReplicas(platform));
  const probes = createProbes(platform, record.gatewayUrl);
  return { ...started, platform, raw, witness, replicas, load, probes };
};

/** Nobody asks for a workload before it was written down: a 404 would be right. */
const untilKnown = (raw: NatsConnection): Promise<unknown> =>
  until('the log has begun', { limitMs: steadyLimitMs }, async () => (await lastSequence(raw)) > 0);
