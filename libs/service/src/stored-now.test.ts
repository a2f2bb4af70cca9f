/** Who listens is told of each output once: by whoever stored it, and never of what was found. */
import type { AppendFaults, MemoryServer } from '@flyball/event-log';
import { describe, expect, it } from 'vitest';
import type { RecoveryFacts } from './recovery-facts.ts';
import type { StoredMoments } from './stored-now.ts';
import {
  decidedThrough,
  startDecider,
  tell,
  until,
  workloads,
  written,
} from './testing/driven-decider.ts';
import { deterministicDecider, loads } from './testing/partition-story.ts';

interface Told extends StoredMoments {
  readonly id: string;
  readonly causeId: string;
}

/** Deciders over one log, and all that they tell. */
const listeners = () => {
  const told: Told[] = [];
  const recoveries: RecoveryFacts[] = [];
  const start = (server: MemoryServer) =>
    startDecider(server, deterministicDecider, {
      listening: {
        onStored: ({ id }, { id: causeId }, moments) => told.push({ id, causeId, ...moments }),
        onRecovered: (facts) => recoveries.push(facts),
      },
    });
  return { told, recoveries, start, ids: () => told.map(({ id }) => id) };
};

const idsIn = async (server: MemoryServer): Promise<readonly string[]> =>
  (await written(server)).map(({ id }) => id);

describe('what is told of as stored', () => {
  it('is each output once, with its cause, its place and its moments', async () => {
    const { told, ids, start } = listeners();
    const server = await tell({});
    const decider = start(server);
    await until(decidedThrough(server, loads.length));
    await decider.stop();
    expect(ids().toSorted()).toEqual((await idsIn(server)).toSorted());
    const places = new Map((await written(server)).map(({ id, seq }) => [id, seq]));
    for (const { id, causeId, seq, takenAtMs, storedAtMs } of told) {
      expect(seq).toBe(places.get(id));
      expect(id.startsWith(`${causeId}:`)).toBe(true);
      expect(Number.isInteger(takenAtMs)).toBe(true);
      expect(storedAtMs).toBeGreaterThanOrEqual(takenAtMs);
    }
  });

  it('is nothing that a decider finds when it folds all anew', async () => {
    const server = await tell({});
    const first = startDecider(server);
    await until(decidedThrough(server, loads.length));
    await first.kill();
    const { told, recoveries, start } = listeners();
    const second = start(server);
    await until(async () => recoveries.length === 1);
    await second.stop();
    expect(told).toEqual([]);
    const messages = workloads.length * 4 + loads.length + (await idsIn(server)).length;
    expect(recoveries).toMatchObject([{ from: 'beginning', messages }]);
    expect(recoveries[0]?.endedAtMs).toBeGreaterThanOrEqual(recoveries[0]?.startedAtMs ?? 0);
  });

  it('is what the one before could not write, when the next one writes it', async () => {
    const { ids, start } = listeners();
    let own = 0;
    let isDead = false;
    const server = await tell({
      faults: (_stream, message) => {
        if (isDead || !/\.(decisions|progress)$/.test(message.subject)) return 'none';
        own += 1;
        return own > loads.length ? 'message-lost' : 'none';
      },
    });
    const first = start(server);
    await until(async () => own > loads.length && ids().length === loads.length);
    await first.kill();
    isDead = true;
    const second = start(server);
    await until(decidedThrough(server, loads.length));
    await second.stop();
    expect(ids().toSorted()).toEqual((await idsIn(server)).toSorted());
  });

  it('is never told twice, wherever the first of two deciders was killed', async () => {
    const all = workloads.length + loads.length;
    for (let deadAfter = 0; deadAfter < all; deadAfter += 1) {
      let own = 0;
      const faults: AppendFaults = (_stream, message) => {
        if (own > deadAfter || !/\.(decisions|progress)$/.test(message.subject)) return 'none';
        own += 1;
        return own > deadAfter ? 'answer-lost' : 'none';
      };
      const { ids, start } = listeners();
      const server = await tell({ faults });
      const first = start(server);
      await until(async () => own > deadAfter);
      await first.kill();
      const second = start(server);
      await until(decidedThrough(server, loads.length));
      await second.stop();
      expect(new Set(ids()).size).toBe(ids().length);
      expect(await idsIn(server)).toEqual(expect.arrayContaining(ids()));
    }
  });

  it('is told by one of two that are alive and say the very same', async () => {
    const { ids, start } = listeners();
    const deciders: ReturnType<typeof start>[] = [];
    const server = await tell({
      between: async (where, n) => {
        if (n === 0) deciders.push(start(where), start(where));
        await new Promise((resolve) => setTimeout(resolve, 1));
      },
    });
    await until(decidedThrough(server, loads.length));
    await Promise.all(deciders.map((decider) => decider.stop()));
    expect(ids().toSorted()).toEqual((await idsIn(server)).toSorted());
  });
});
