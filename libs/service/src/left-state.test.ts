/** What a lease that ran out left in memory: a shorter way, never another history. */
import { answersSubject } from '@flyball/contracts';
import { type MemoryServer, startMemoryServer } from '@flyball/event-log';
import { describe, expect, it } from 'vitest';
import type { DeterministicStage } from './deterministic-stage.ts';
import { type LeftState, recover } from './recover.ts';
import { loneRecovery, type Recovery } from './recovery-turns.ts';
import {
  type Driver,
  decidedThrough,
  expectWholeChains,
  history,
  reference,
  startDecider,
  tell,
  until,
} from './testing/driven-decider.ts';
import { deterministicDecider, loads } from './testing/partition-story.ts';

type State = Parameters<typeof deterministicDecider.toSnapshot>[0];

/** Keeps what the loops before left, and counts what was gone on with. */
const keepsLeft = () => {
  const kept: { left: LeftState<State> | undefined; taken: number[] } = {
    left: undefined,
    taken: [],
  };
  const recovery: Recovery<LeftState<State>> = {
    ...loneRecovery,
    take: () => {
      const { left } = kept;
      if (left !== undefined) kept.taken.push(left.position.seq);
      kept.left = undefined;
      return left;
    },
    leave: (left) => {
      kept.left = left;
    },
  };
  return { kept, recovery };
};

/** Counts the events that are folded. */
const counting = () => {
  const counted = { folds: 0 };
  const { evolve } = deterministicDecider.stage;
  const stage: DeterministicStage<State> = {
    ...deterministicDecider,
    stage: {
      ...deterministicDecider.stage,
      evolve: (state, event) => {
        counted.folds += 1;
        return evolve(state, event);
      },
    },
  };
  return { counted, stage };
};

/** Ends as one does whose lease ran out: no snapshot is stored. */
const ranOut = { isOwner: () => false };

describe('a decider whose lease ran out', () => {
  it('goes on from where it was after any tick, and writes what it would have', async () => {
    const expected = await reference();
    for (let at = 1; at <= loads.length; at += 1) {
      const { kept, recovery } = keepsLeft();
      const { counted, stage } = counting();
      let decider: Driver | undefined;
      let before = 0;
      const server = await tell({
        between: async (where, n) => {
          decider ??= startDecider(where, deterministicDecider, { ...ranOut, recovery });
          if (n !== at) return;
          await until(decidedThrough(where, n));
          await decider.stop();
          before = kept.left?.position.seq ?? 0;
          decider = startDecider(where, stage, { ...ranOut, recovery });
        },
      });
      await until(decidedThrough(server, loads.length));
      await decider?.stop();
      expect(await history(server)).toEqual(expected);
      await expectWholeChains(server);
      expect(kept.taken).toEqual([before]);
      expect(await server.connect().snapshots.keys()).toEqual([]);
      if (at === loads.length) expect(counted.folds).toBe(0);
    }
  });

  it('takes in what another has written meanwhile', async () => {
    const { kept, recovery } = keepsLeft();
    let decider: Driver | undefined;
    const server = await tell({
      between: async (where, n) => {
        if (n === 3) decider = startDecider(where, deterministicDecider, { ...ranOut, recovery });
        if (n === 4) {
          await until(decidedThrough(where, n));
          await decider?.stop();
          decider = startDecider(where);
        }
        if (n === 7) {
          await until(decidedThrough(where, n));
          await decider?.kill();
          decider = startDecider(where, deterministicDecider, { ...ranOut, recovery });
        }
      },
    });
    await until(decidedThrough(server, loads.length));
    await decider?.stop();
    expect(kept.taken).toHaveLength(1);
    expect(await history(server)).toEqual(await reference());
    await expectWholeChains(server);
  });

  it('leaves nothing when what it decided was not written', async () => {
    const { kept, recovery } = keepsLeft();
    let isAway = false;
    const server = await tell({
      faults: (_stream, message) =>
        isAway && message.subject.endsWith('.decisions') ? 'message-lost' : 'none',
    });
    isAway = true;
    const decider = startDecider(server, deterministicDecider, { ...ranOut, recovery });
    await until(decidedThrough(server, loads.length));
    await decider.stop();
    expect(kept.left).toBeUndefined();
  });
});

describe('what was left', () => {
  const left = async (server: MemoryServer, seq: number, refoldId = '') => {
    const log = server.connect();
    const { createdAt: streamCreatedAt } = await log.events.state();
    const eventId = seq === 0 ? '' : ((await log.events.at(seq))?.id ?? 'nobody knows');
    const position = { streamCreatedAt, seq, eventId };
    return { state: 'kept', fences: {}, position, refoldId };
  };
  const recovered = (server: MemoryServer, one: LeftState<string>) =>
    recover(
      {
        ...{ log: server.connect(), stage: 'decider', partition: 0, snapshotVersion: 1 },
        fromSnapshot: () => 'stored',
        initialState: () => 'initial',
      },
      one,
    );

  it('counts where the log still holds its last message', async () => {
    const server = await tell({});
    const found = await recovered(server, await left(server, 4));
    expect([found.state, found.from.kind, found.position.seq]).toEqual(['kept', 'memory', 4]);
  });

  it('does not count in a log that lost its tail', async () => {
    const server = await tell({});
    const one = await left(server, 4);
    server.loseTail('EVENTS', 3);
    const found = await recovered(server, one);
    expect([found.state, found.from.kind]).toEqual(['initial', 'lost']);
  });

  it('does not count once an operator asked for a fold from the beginning', async () => {
    const server = startMemoryServer();
    const log = server.connect();
    const id = 'refold-1';
    const subject = answersSubject(0, 'decider', 'refold');
    expect(await log.deadLetters.append({ subject, id, body: '{}' })).toMatchObject({
      kind: 'stored',
    });
    const before = await recovered(server, await left(server, 0));
    expect([before.state, before.from.kind]).toEqual(['initial', 'beginning']);
    const after = await recovered(server, await left(server, 0, id));
    expect([after.state, after.from.kind]).toEqual(['kept', 'memory']);
  });
});
