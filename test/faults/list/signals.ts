/** Every process killed or frozen: the services, the stores, the platform. */
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../e2e/harness/until.ts';
import type { Bed } from '../bed/bed.ts';
import { stages } from '../bed/proxied-machine.ts';
import type { Fault } from '../fault.ts';

const restartLimitMs = 30_000;
const shortFreezeMs = 3_000;
/** A lease fades after 2.5 s, and is given up after 2 s without an answer. */
const longFreezeMs = 6_000;
const stores = ['nats-server', 'redis-server'] as const;

export const pidOf = ({ flyball }: Bed, name: string): number => {
  const pid = flyball.machine.pidOf(name);
  if (pid === undefined) throw new Error(`${name} does not run.`);
  return pid;
};

/** Kills a process and resolves when the supervisor has started it again. */
export const killAndAwait = async (bed: Bed, name: string): Promise<number> => {
  const pid = pidOf(bed, name);
  const killedAtMs = Date.now();
  process.kill(pid, 'SIGKILL');
  await until(`${name} was started again`, { limitMs: restartLimitMs }, () => {
    const now = bed.flyball.machine.pidOf(name);
    return now !== undefined && now !== pid;
  });
  return killedAtMs;
};

const quick: readonly string[] = ['kill decider', 'kill activator', 'kill nats-server'];

const kill = (name: string): Fault => ({
  name: `kill ${name}`,
  about: `SIGKILL of ${name}; it is started again.`,
  bed: 'plain',
  ...(name === 'activator' ? { mayCost: { requests: true }, probe: 'after' } : {}),
  ...(quick.includes(`kill ${name}`) ? { quick: true } : {}),
  hurt: async (bed) => ({ recoverFromMs: await killAndAwait(bed, name) }),
});

const freeze = (name: string, forMs: number): Fault => ({
  name: `freeze ${name} ${forMs / 1_000} s`,
  about: `SIGSTOP of ${name} for ${forMs / 1_000} s, then SIGCONT.`,
  bed: 'plain',
  hurt: async (bed) => {
    const pid = pidOf(bed, name);
    process.kill(pid, 'SIGSTOP');
    try {
      await wait(forMs);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    return { recoverFromMs: Date.now() };
  },
});

const frozen = [...stages, ...stores, 'local-node'] as const;

export const signalFaults: readonly Fault[] = [
  ...[...stages, ...stores].map(kill),
  ...frozen.flatMap((name) => [freeze(name, shortFreezeMs), freeze(name, longFreezeMs)]),
];
