/** Two processes of one stage alive: one frozen while the other takes over, then woken. */
import { setTimeout as wait } from 'node:timers/promises';
import { ask } from '../../e2e/harness/ask.ts';
import { until } from '../../e2e/harness/until.ts';
import { type RunningProcess, startProcess } from '../../integration/data-plane/processes.ts';
import { type Bed, partitionCount } from '../bed/bed.ts';
import { platformToken, type Stage } from '../bed/proxied-machine.ts';
import { hostOf, keyOf } from '../bed/scene.ts';
import type { Fault } from '../fault.ts';
import { pidOf } from './signals.ts';

const ownLimitMs = 20_000;
const frozenMs = 6_000;
const wokenMs = 2_000;
const moveLimitMs = 40_000;
const heldBack = 15;

/** A second process of the stage beside the one that `up` started. */
const startSecond = ({ flyball }: Bed, stage: Stage): Promise<RunningProcess> => {
  const { run, secrets } = flyball.machine;
  const platform = {
    FLYBALL_PLATFORM_URL: run.platformUrl,
    FLYBALL_PLATFORM_TOKEN: platformToken,
  };
  const keeper = {
    FLYBALL_KEEPER_NATS_USER: 'keeper',
    FLYBALL_KEEPER_NATS_PASSWORD: secrets.nats.keeper,
  };
  return startProcess(stage, {
    FLYBALL_INSTANCE: '2',
    FLYBALL_NATS_URL: run.natsUrl,
    FLYBALL_NATS_USER: stage,
    FLYBALL_NATS_PASSWORD: secrets.nats[stage],
    ...(stage === 'windower' ? { FLYBALL_REDIS_URL: run.redisUrl } : {}),
    ...(stage === 'actuator' || stage === 'watcher' ? platform : {}),
    ...(stage === 'watcher' ? keeper : {}),
  });
};

const end = async (process: RunningProcess): Promise<void> => {
  process.child.kill('SIGCONT');
  process.child.kill('SIGTERM');
  await process.ended();
};

/** How many partitions the process at this health address owns. */
const ownedBy = async (healthUrl: string, stage: Stage): Promise<number> => {
  const page = await (await fetch(`${healthUrl}/metrics`)).text();
  const line = new RegExp(`^flyball_${stage}_partitions_owned(?:\\{.*\\})? (\\d+)$`, 'm');
  return Number(line.exec(page)?.[1] ?? 0);
};

const untilOwnsAll = (healthUrl: string, stage: Stage): Promise<unknown> => {
  const seen = () => ownedBy(healthUrl, stage);
  return until(`one ${stage} owns all`, { limitMs: ownLimitMs, seen }, async () => {
    return (await seen()) === partitionCount;
  });
};

const healthUrlOf = ({ flyball }: Bed, stage: Stage): string => {
  const url = flyball.machine.run.healthUrls[stage];
  if (url === undefined) throw new Error(`${stage} has no health address.`);
  return url;
};

/** The owner is frozen; the other one takes over; the first wakes and believes it still owns. */
const twoAlive = (stage: Stage): Fault => ({
  name: `two ${stage}s, the owner frozen`,
  about: `The ${stage} that owns all is frozen for ${frozenMs / 1_000} s, wakes beside its heir.`,
  bed: 'plain',
  ...(stage === 'decider' ? { quick: true } : {}),
  hurt: async (bed) => {
    await untilOwnsAll(healthUrlOf(bed, stage), stage);
    const second = await startSecond(bed, stage);
    try {
      const pid = pidOf(bed, stage);
      const frozenAtMs = Date.now();
      process.kill(pid, 'SIGSTOP');
      try {
        await wait(frozenMs);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await wait(wokenMs);
      return { recoverFromMs: frozenAtMs };
    } finally {
      await end(second);
    }
  },
});

const replicasOf = async ({ platform }: Bed, name: string): Promise<number> =>
  (await platform.workloads()).find(({ workload }) => workload === keyOf(name))?.replicas ?? -1;

/** Asks so much at once that more than one pod is needed; resolves with how each ended. */
const askMany = ({ flyball }: Bed, name: string): Promise<readonly string[]> =>
  Promise.all(
    Array.from({ length: heldBack }, () =>
      ask(flyball.machine.run.gatewayUrl, hostOf(name), { path: '/?sleep=1000' }).then(
        ({ status }) => String(status),
        (error: unknown) => String(error),
      ),
    ),
  );

/** A write of the first actuator waits in the network until the second has decided otherwise. */
const frozenBeforeWrite: Fault = {
  name: 'two actuators, one frozen before it writes',
  about:
    'An actuator is frozen with its write to /scale on the way; another takes over and scales to ' +
    'zero; then the write arrives and its writer wakes.',
  bed: 'plain',
  hurt: async (bed) => {
    await untilOwnsAll(healthUrlOf(bed, 'actuator'), 'actuator');
    const second = await startSecond(bed, 'actuator');
    const pid = pidOf(bed, 'actuator');
    const frozen = { atMs: 0 };
    try {
      const name = await bed.probes.ready();
      const writing = bed.flyball.platformProxy.holdAt(`/${name}/scale`);
      const asked = askMany(bed, name);
      const held = await writing;
      process.kill(pid, 'SIGSTOP');
      frozen.atMs = Date.now();
      const answers = await asked;
      await until('the heir has scaled to zero', { limitMs: moveLimitMs }, async () => {
        return (await replicasOf(bed, name)) === 0;
      });
      held.release();
      const moved = await movedWithin(bed, name, wokenMs);
      process.kill(pid, 'SIGCONT');
      const movedLater = await movedWithin(bed, name, wokenMs);
      const problems = [
        ...answers.filter((how) => how !== '200').map((how) => `a held request ended with ${how}`),
        ...[moved, movedLater].flatMap((to) => (to === 0 ? [] : [`the late write moved to ${to}`])),
      ];
      return { recoverFromMs: Date.now(), problems };
    } finally {
      process.kill(pid, 'SIGCONT');
      await end(second);
    }
  },
};

/** The first other number of replicas than 0 within this time; else 0. */
const movedWithin = async (bed: Bed, name: string, forMs: number): Promise<number> => {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    const replicas = await replicasOf(bed, name);
    if (replicas !== 0) return replicas;
    await wait(50);
  }
  return 0;
};

export const ownerFaults: readonly Fault[] = [
  ...(['windower', 'decider', 'actuator', 'watcher'] as const).map(twoAlive),
  frozenBeforeWrite,
];
