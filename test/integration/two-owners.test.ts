/** Two processes of each stage on real servers, one of each frozen in the middle, then woken. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partitionOf, workloadName } from '@flyball/contracts';
import { createLocalPlatformAdmin, type LocalPlatformAdmin } from '@flyball/platform';
import {
  availableRedisServers,
  type RunningRedisServer,
  startRedisServer,
} from '@flyball/window-store/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunningProcess, startProcess } from './data-plane/processes.ts';
import { until, World, workload } from './shells-bed.ts';
import { natsBus, partitionCount, password } from './shells-buses.ts';

const stages = ['windower', 'decider', 'actuator', 'watcher'] as const;
const token = 'only-for-tests';
const pod = `require('node:http').createServer((q, s) => s.end('ok'))
  .listen(process.env.PORT, process.env.HOST)`;

let world: World;
let redis: RunningRedisServer;
let node: RunningProcess;
let platform: LocalPlatformAdmin;
let folder: string;
const first: RunningProcess[] = [];
const second: RunningProcess[] = [];

const start = (stage: (typeof stages)[number], instance: string): Promise<RunningProcess> =>
  startProcess(stage, {
    FLYBALL_INSTANCE: instance,
    FLYBALL_NATS_URL: world.bus.url,
    FLYBALL_NATS_USER: stage,
    FLYBALL_NATS_PASSWORD: password,
    FLYBALL_LOG_LEVEL: 'warn',
    ...(stage === 'windower' ? { FLYBALL_REDIS_URL: redis.url } : {}),
    ...(stage === 'actuator' || stage === 'watcher'
      ? { FLYBALL_PLATFORM_URL: node.told.platformUrl ?? '', FLYBALL_PLATFORM_TOKEN: token }
      : {}),
    ...(stage === 'watcher'
      ? { FLYBALL_KEEPER_NATS_USER: 'keeper', FLYBALL_KEEPER_NATS_PASSWORD: password }
      : {}),
  });

const replicas = async () => (await platform.workloads())[0]?.replicas ?? 0;
const replicasReach = (least: number) =>
  until(`${least} replicas`, async () => ((await replicas()) >= least ? true : undefined));
const signalAll = (processes: readonly RunningProcess[], signal: NodeJS.Signals): void => {
  for (const { child } of processes) child.kill(signal);
};
const partition = partitionOf(workload, partitionCount);
const untilTicksAfter = (atMs: number, what: string) =>
  until(what, async () => {
    const ticks = await world.of('TickObserved');
    const later = ticks.filter((tick) => tick.partition === partition && tick.atMs > atMs);
    return later.length >= 2 ? true : undefined;
  });

beforeEach(async () => {
  world = await World.open(natsBus);
  const [binary] = await availableRedisServers();
  if (binary === undefined) throw new Error('redis-server is not installed');
  redis = await startRedisServer(binary);
  folder = await mkdtemp(join(tmpdir(), 'flyball-owners-'));
  node = await startProcess('local-node', {
    ...{ FLYBALL_NODE_PORT: '0', FLYBALL_NODE_FOLDER: folder, FLYBALL_PLATFORM_TOKEN: token },
    FLYBALL_LOG_LEVEL: 'warn',
  });
  platform = createLocalPlatformAdmin({ url: node.told.platformUrl ?? '', token });
});

afterEach(async () => {
  signalAll([...first, ...second], 'SIGCONT');
  for (const one of [...first, ...second]) await one[Symbol.asyncDispose]();
  await platform.close();
  node.child.kill('SIGTERM');
  await node.ended();
  await redis.stop();
  await world.end();
  await rm(folder, { recursive: true, force: true });
});

it('write one history, whole and without a fork, and lose no replica', async () => {
  first.push(...(await Promise.all(stages.map((stage) => start(stage, 'a')))));
  second.push(...(await Promise.all(stages.map((stage) => start(stage, 'b')))));
  await platform.apply({
    kind: 'Deployment',
    ...workloadName(workload),
    command: [process.execPath, '-e', pod],
    annotations: {
      'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev',
      'autoscaling.knative.dev/target': '10',
      'autoscaling.knative.dev/target-utilization-percentage': '100',
      'autoscaling.knative.dev/initial-scale': '1',
    },
    ...{ containerConcurrency: 0, timeoutSeconds: 10, env: {} },
    source: { file: 'test.yaml', line: 1 },
  });
  await replicasReach(1);
  await until('the pod is ready', async () => (await world.of('PodReady'))[0]);

  // Whoever owned a partition is frozen with all it was about to do; the others take over.
  for (const [frozen, least] of [
    [first, 3],
    [second, 5],
  ] as const) {
    await world.poke(least * 10);
    signalAll(frozen, 'SIGSTOP');
    const frozenMs = Date.now();
    await untilTicksAfter(frozenMs, 'the others tick');
    await world.poke(least * 10);
    await replicasReach(least);
    const before = await replicas();
    signalAll(frozen, 'SIGCONT');
    const wokenMs = Date.now();
    await untilTicksAfter(wokenMs, 'all go on');
    expect(await replicas()).toBeGreaterThanOrEqual(before);
  }

  await world.expectEachOnce();
  const events = (await world.events()).filter((event) => event.workload === workload);
  const decisions = events.flatMap((event) => (event.type === 'Decided' ? [event.data] : []));
  decisions.forEach((decided, index) => {
    expect(decided.from).toBe(index === 0 ? null : decisions[index - 1]?.to);
  });
  expect(events.filter(({ type }) => type === 'WorkloadAppeared').length).toBe(1);
  for (const one of [...first, ...second]) expect(one.child.exitCode).toBeNull();
}, 90_000);
