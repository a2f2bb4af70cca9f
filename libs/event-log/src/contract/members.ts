/** Contract: who owns nothing still learns who lives of a stage and what each can do. */
import { expect, test } from 'vitest';
import { followMembers } from '../leases/follow-members.ts';
import type { Abilities } from '../leases/lease-keys.ts';
import type { Member } from '../leases/member-sight.ts';
import { holdLeases, type LeaseHolder } from '../leases.ts';
import type { Contract, ContractBed } from './bed.ts';

const stepMs = 100;
/** Dead → gone: 2.5 s and one question, generously. */
const goneLimitMs = 6_000;

interface Announced {
  readonly holder: LeaseHolder;
  /** Ends it as a process ends that was asked to. */
  readonly stop: () => Promise<void>;
  /** Ends it as one ends that was killed. */
  readonly die: () => Promise<void>;
}

const announce = async (
  bed: ContractBed,
  instance: string,
  abilities?: Abilities,
): Promise<Announced> => {
  const log = await bed.connect();
  const stopping = new AbortController();
  const holder = holdLeases({
    bucket: log.leases,
    stage: 'decider',
    instance,
    partitionCount: 2,
    signal: stopping.signal,
    clock: bed.clock,
    random: () => 0.5,
    wallClockMs: () => 0,
    onGained: () => {},
    ...(abilities === undefined ? {} : { abilities }),
  });
  holder.ended.catch(() => undefined);
  return {
    holder,
    stop: async () => {
      stopping.abort();
      await holder.ended;
    },
    die: () => log.close(),
  };
};

interface Following {
  /** Each list that was told, as `instance` or `instance can 1,2`. */
  readonly told: string[][];
  readonly stop: () => Promise<void>;
}

const shown = ({ instance, abilities }: Member): string =>
  [instance, ...(abilities.algorithms === undefined ? [] : [`can ${abilities.algorithms}`])].join(
    ' ',
  );

const follow = async (bed: ContractBed): Promise<Following> => {
  const log = await bed.connect();
  const stopping = new AbortController();
  const told: string[][] = [];
  const following = followMembers({
    bucket: log.leases,
    stage: 'decider',
    signal: stopping.signal,
    clock: bed.clock,
    onStatus: (listener) => log.onStatus(listener),
    onChanged: (members) => told.push(members.map(shown).sort()),
  });
  return {
    told,
    stop: async () => {
      stopping.abort();
      await following;
    },
  };
};

const untilTold = async (
  bed: ContractBed,
  { told }: Following,
  wanted: readonly string[],
): Promise<void> => {
  const isThere = () => JSON.stringify(told.at(-1)) === JSON.stringify(wanted);
  for (let passedMs = 0; !isThere(); passedMs += stepMs) {
    if (passedMs > goneLimitMs) throw new Error(`Told last: ${JSON.stringify(told.at(-1))}`);
    await bed.pass(stepMs);
  }
};

export const memberContract = ({ open }: Contract): void => {
  test('nobody lives where nobody announced itself, and that is told', async () => {
    await using bed = await open();
    const following = await follow(bed);
    await untilTold(bed, following, []);
    expect(following.told).toEqual([[]]);
    await following.stop();
  });

  test('who comes and who ends is told with what each can do', async () => {
    await using bed = await open();
    const old = await announce(bed, 'old');
    const following = await follow(bed);
    await untilTold(bed, following, ['old']);
    const young = await announce(bed, 'young', { algorithms: [1, 2] });
    await untilTold(bed, following, ['old', 'young can 1,2']);
    await old.stop();
    await untilTold(bed, following, ['young can 1,2']);
    await bed.pass(4_000);
    expect(following.told.at(-1)).toEqual(['young can 1,2']);
    await young.stop();
    await untilTold(bed, following, []);
    await following.stop();
  });

  test('one that was killed is gone in time, whoever looks first', async () => {
    await using bed = await open();
    const killed = await announce(bed, 'killed', { algorithms: [1] });
    const early = await follow(bed);
    await untilTold(bed, early, ['killed can 1']);
    await killed.die();
    const late = await follow(bed);
    await untilTold(bed, late, ['killed can 1']);
    await untilTold(bed, early, []);
    await untilTold(bed, late, []);
    await Promise.all([early.stop(), late.stop()]);
  });
};
