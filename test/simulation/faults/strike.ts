/** Carries each fault out, and mends it where it has an end of its own. */

import { nextTickAtMs } from '@flyball/domain';
import type { Fault, FaultKind } from '../plan.ts';
import { calm } from '../world/weather.ts';
import type { Slot, World } from '../world/world.ts';

type Strike<Kind extends FaultKind> = (world: World, fault: Extract<Fault, { kind: Kind }>) => void;

const partitionsOf = ({ plan }: World): number[] =>
  Array.from({ length: plan.partitionCount }, (_, partition) => partition);

const withSlot = (world: World, name: string, act: (slot: Slot) => void): void => {
  const slot = world.slots.get(name);
  if (slot?.process.isAlive === true) act(slot);
};

const cutAll = (world: World, forMs: number, meanwhile: () => void): void => {
  const links = [...world.slots.values()].flatMap(({ connected }) => connected?.link ?? []);
  for (const link of links) link.disconnect();
  world.weather.restarts += 1;
  meanwhile();
  world.time.after(forMs, () => {
    for (const link of links) link.reconnect();
  });
};

/** Redis comes back as it was some time ago. */
const makeStale = async (world: World, byMs: number): Promise<void> => {
  const store = world.windows.open();
  const partitions = partitionsOf(world);
  const kept = await Promise.all(partitions.map((partition) => store.load(partition)));
  await world.time.pass(byMs);
  for (const partition of partitions) {
    const windows = kept[partition];
    await store.clear(partition);
    if (windows !== undefined) await store.write(partition, 0, { ...windows, keepFromMs: 0 });
  }
};

/** Roads on which half of what follows from a tick is still on its way when its tail is lost. */
const busyRoads = { delayed: 0.5, delayMsMax: 400, lostAfterMs: 130 };

/** Slow roads from the next tick on, and `act` in the middle of what goes over them. */
const whileBusy = ({ weather, time }: World, act: () => void): void => {
  const { lostAfterMs, ...slow } = busyRoads;
  time.after(nextTickAtMs(time.nowMs) - time.nowMs, () => {
    const { rates } = weather;
    const busy = { ...rates, ...slow };
    weather.rates = busy;
    time.after(lostAfterMs, () => {
      // Roads that have changed meanwhile stay as they are now.
      if (weather.rates === busy) weather.rates = rates;
      act();
    });
  });
};

const loseTail: Strike<'lose tail'> = (world, { stream, messages, busy, forMs }) => {
  const { server, observer } = world;
  const lose = () =>
    cutAll(world, forMs, () => {
      const seq = Math.max(0, server.lastSeq(stream) - messages);
      observer.noteCut(stream, seq);
      server.loseTail(stream, seq);
    });
  if (busy) whileBusy(world, lose);
  else lose();
};

/** The n-th pod of all, wherever it is. */
const podNumber = (world: World, number: number): string | undefined => {
  const pods = world.pods.platform.pods();
  return pods.length === 0 ? undefined : pods[number % pods.length]?.pod;
};

const drift: Strike<'drift'> = ({ pods: { platform } }, { workload, replicas }) => {
  if (!platform.workloads().some((object) => object.workload === workload)) return;
  platform.writeReplicas(workload, replicas, 'kubectl');
};

const rival: Strike<'rival'> = (world, { shell, forMs, atMs }) => {
  const name = `${shell}-rival-${atMs}`;
  world.addSlot(name, shell, true);
  world.time.after(forMs, () => world.kill(name, true));
};

const strikes: { readonly [Kind in FaultKind]: Strike<Kind> } = {
  kill: (world, { process }) => world.kill(process),
  drain: (world, { process }) => world.drain(process),
  freeze: (world, { process, forMs }) =>
    withSlot(world, process, (slot) => {
      const frozen = slot.process;
      frozen.freeze();
      world.time.after(forMs, () => frozen.thaw());
    }),
  cut: (world, { process, forMs }) =>
    withSlot(world, process, ({ connected }) => {
      connected?.link.disconnect();
      world.time.after(forMs, () => connected?.link.reconnect());
    }),
  skew: (world, { process, byMs }) =>
    withSlot(world, process, (slot) => {
      slot.process.skewMs = byMs;
    }),
  ambush: ({ weather }, { process, call, strike, forMs }) =>
    void weather.ambushes.add({ process, call, strike, forMs }),
  rival,
  'restart bus': (world, { forMs }) => cutAll(world, forMs, () => undefined),
  'lose tail': loseTail,
  'empty windows': ({ windows }) => windows.flush(),
  'stale windows': (world, { byMs }) => void makeStale(world, byMs),
  'windows away': (world, { forMs }) => {
    world.windowsAway = true;
    world.time.after(forMs, () => {
      world.windowsAway = false;
    });
  },
  'platform answers': ({ pods }, { call, answer, times }) =>
    pods.platform.fail(call, answer, times),
  blind: ({ pods, time }, { forMs }) => {
    pods.platform.blind('the platform is away');
    time.after(forMs, () => pods.platform.heal());
  },
  'pod start': ({ pods }, { start }) => pods.startLike(start),
  'crash pod': (world, { number }) => {
    const pod = podNumber(world, number);
    if (pod !== undefined) world.pods.platform.crash(pod, 'exit code 1');
  },
  'lose pod': (world, { number }) => {
    const pod = podNumber(world, number);
    if (pod !== undefined) world.pods.platform.lose(pod);
  },
  drift,
  roads: ({ weather, time }, { rates, forMs }) => {
    weather.rates = rates;
    time.after(forMs, () => {
      weather.rates = calm;
    });
  },
};

/** Plans every fault at its time. */
export const strikeAll = (world: World, faults: readonly Fault[]): void => {
  for (const fault of faults) {
    world.time.after(fault.atMs, () => strikes[fault.kind](world, fault as never));
  }
};
