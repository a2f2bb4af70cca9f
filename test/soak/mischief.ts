/** The faults of a soak, one after the other: kills at its ends, everything else all the time. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Bed } from '../faults/bed/bed.ts';
import { type Stage, stages } from '../faults/bed/proxied-machine.ts';
import { killAndAwait, pidOf } from '../faults/list/signals.ts';

const frozenMs = 3_000;
const severedMs = 3_000;
const stores = ['nats-server', 'redis-server'] as const;

/** Every process whose memory and handles are watched. */
export const watchedProcesses: readonly string[] = [...stages, ...stores, 'local-node'];

export interface Mischief {
  readonly name: string;
  /** Requests of the gateway may fail with it. */
  readonly ofGateway: boolean;
  hurt(bed: Bed): Promise<void>;
}

/** Each of the services and stores once. */
export const kills: readonly Mischief[] = [...stages, ...stores].map((name) => ({
  name: `kill ${name}`,
  ofGateway: name === 'activator',
  hurt: async (bed) => void (await killAndAwait(bed, name)),
}));

const freeze = (name: string): Mischief => ({
  name: `freeze ${name} ${frozenMs / 1_000} s`,
  ofGateway: false,
  hurt: async (bed) => {
    const pid = pidOf(bed, name);
    process.kill(pid, 'SIGSTOP');
    try {
      await wait(frozenMs);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  },
});

const cut = (stage: Stage): Mischief => ({
  name: `cut ${stage} from NATS ${severedMs / 1_000} s`,
  ofGateway: false,
  hurt: async ({ flyball }) => {
    const proxy = flyball.natsProxies.get(stage);
    if (proxy === undefined) throw new Error(`There is no proxy between ${stage} and NATS.`);
    proxy.sever('cut');
    try {
      await wait(severedMs);
    } finally {
      proxy.heal();
    }
  },
});

/** What leaves every process alive, so that its memory can be compared with what it was. */
export const disturbances: readonly Mischief[] = watchedProcesses.flatMap((name) => {
  const stage = stages.find((one) => one === name);
  return stage === undefined ? [freeze(name)] : [freeze(name), cut(stage)];
});
