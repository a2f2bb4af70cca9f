/** The network between one service and NATS, Redis or the platform: cut, silent, or late. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Bed } from '../bed/bed.ts';
import { stages } from '../bed/proxied-machine.ts';
import type { SeverableProxy, Severance } from '../bed/severable-proxy.ts';
import type { Fault } from '../fault.ts';

/** Longer than a lease. */
const severedMs = 5_000;

const says: Readonly<Record<Severance, string>> = {
  cut: 'every connection is reset',
  silent: 'bytes are swallowed, connections reset in the end',
  late: 'bytes wait and arrive in the end',
};

interface Way {
  readonly from: string;
  readonly to: string;
  readonly proxy: (bed: Bed) => SeverableProxy | undefined;
}

const natsWays: readonly Way[] = stages.map((stage) => ({
  from: stage,
  to: 'NATS',
  proxy: ({ flyball }) => flyball.natsProxies.get(stage),
}));

const otherWays: readonly Way[] = [
  { from: 'windower', to: 'Redis', proxy: ({ flyball }) => flyball.redisProxy },
  { from: 'actuator', to: 'platform', proxy: ({ flyball }) => flyball.platformProxy },
];

const sever = ({ from, to, proxy }: Way, how: Severance): Fault => ({
  name: `${how} ${from}-${to}`,
  about: `Between ${from} and ${to} for ${severedMs / 1_000} s ${says[how]}.`,
  bed: 'plain',
  ...(from === 'decider' && how === 'silent' ? { quick: true } : {}),
  hurt: async (bed) => {
    const way = proxy(bed);
    if (way === undefined) throw new Error(`There is no proxy between ${from} and ${to}.`);
    way.sever(how);
    try {
      await wait(severedMs);
    } finally {
      way.heal();
    }
    return { recoverFromMs: Date.now() };
  },
});

const severances: readonly Severance[] = ['cut', 'silent', 'late'];

export const cutFaults: readonly Fault[] = [...natsWays, ...otherWays].flatMap((way) =>
  severances.map((how) => sever(way, how)),
);
