/** The loop of a deterministic stage: killed, rivalled, poisoned, it leaves one history. */
import { type AppendFaults, startMemoryServer } from '@flyball/event-log';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from './clock.ts';
import {
  connectingBy,
  type Driver,
  decidedThrough,
  expectWholeChains,
  history,
  reference,
  startDecider,
  tell,
  until,
  workloads,
  written,
} from './testing/driven-decider.ts';
import {
  createTeller,
  deterministicDecider,
  loads,
  opening,
  tick,
} from './testing/partition-story.ts';
import { streamOver } from './testing/stream-road.ts';

describe('drive', () => {
  it('writes decisions for every workload, and progress for every tick', async () => {
    const all = await reference();
    expect(Object.keys(all)).toHaveLength(workloads.length + 1);
    expect(all['flyball.events.0.progress']).toHaveLength(loads.length);
    expect(all['flyball.events.0.default.a.decisions']?.length).toBeGreaterThan(3);
  });

  it('with two deciders alive writes what one alone writes, each decision once', async () => {
    const deciders: Driver[] = [];
    const server = await tell({
      between: async (where, n) => {
        if (n === 0) deciders.push(startDecider(where), startDecider(where));
        await new Promise((resolve) => setTimeout(resolve, 1));
      },
    });
    await until(decidedThrough(server, loads.length));
    await Promise.all(deciders.map((decider) => decider.stop()));
    expect(await history(server)).toEqual(await reference());
    const ids = (await written(server)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    await expectWholeChains(server);
  });

  it('killed at any append and started again, writes the same and nothing twice', async () => {
    const expected = await reference();
    const appends = Object.values(expected).flat().length;
    for (let deadAfter = 0; deadAfter < appends; deadAfter += 1) {
      let own = 0;
      let dead = false;
      const faults: AppendFaults = (_stream, message) => {
        if (!/\.(decisions|progress)$/.test(message.subject)) return 'none';
        if (dead) return 'none';
        own += 1;
        return own > deadAfter ? 'message-lost' : 'none';
      };
      const server = await tell({ faults });
      const first = startDecider(server);
      await until(async () => own > deadAfter);
      await first.kill();
      dead = true;
      const second = startDecider(server);
      await until(decidedThrough(server, loads.length));
      await second.stop();
      expect(await history(server)).toEqual(expected);
      await expectWholeChains(server);
    }
  });

  it('stopped with a snapshot after any tick, goes on as if it had never ended', async () => {
    const expected = await reference();
    for (let at = 0; at <= loads.length; at += 1) {
      let decider: Driver | undefined;
      const server = await tell({
        between: async (where, n) => {
          decider ??= startDecider(where);
          if (n !== at) return;
          await until(decidedThrough(where, n));
          await decider.stop();
          decider = startDecider(where);
        },
      });
      await until(decidedThrough(server, loads.length));
      await decider?.stop();
      expect(await history(server)).toEqual(expected);
      const keys = await server.connect().snapshots.keys();
      expect(keys).toEqual(['decider.0']);
    }
  });

  it('takes lost answers for what they are: written once', async () => {
    let tries = 0;
    const server = await tell({
      faults: (_stream, message) => {
        if (!message.subject.endsWith('.decisions')) return 'none';
        tries += 1;
        return tries % 2 === 1 ? 'answer-lost' : 'none';
      },
    });
    const decider = startDecider(server);
    await until(decidedThrough(server, loads.length));
    await decider.stop();
    expect(await history(server)).toEqual(await reference());
  });

  it('puts a poison message aside and goes on', async () => {
    const server = await tell({
      between: async (where, n) => {
        if (n !== 3) return;
        await where.connect().events.append({
          subject: 'flyball.events.0.team.broken.platform',
          id: 'poison',
          body: '{"not":"an event"}',
          expectedLastSeq: 0,
        });
      },
    });
    const decider = startDecider(server);
    await until(decidedThrough(server, loads.length));
    await decider.stop();
    expect(await history(server)).toEqual(await reference());
    const letter = await server.connect().deadLetters.last('flyball.deadletters.0.decider');
    expect(JSON.parse(letter?.body ?? '{}')).toMatchObject({
      type: 'dev.flyball.dead-lettered.v1',
      data: { code: 'LOG_CORRUPT', subject: 'flyball.events.0.team.broken.platform' },
    });
  });

  it('puts an input aside on which the stage throws, and forgets what it half did', async () => {
    const { stage } = deterministicDecider;
    const breaking = {
      ...deterministicDecider,
      stage: {
        ...stage,
        evolve: (
          state: Parameters<typeof stage.evolve>[0],
          fact: Parameters<typeof stage.evolve>[1],
        ) => {
          if (fact.type === 'PodUnready') {
            for (const workload of Object.values(state.workloads)) workload.readyPods = 99;
            throw new Error('cannot take this');
          }
          return stage.evolve(state, fact);
        },
      },
    };
    const server = await tell({
      between: async (where, n) => {
        if (n !== 4) return;
        const teller = createTeller(where.connect());
        const [appeared] = opening('team/other');
        if (appeared === undefined) throw new Error('no opening');
        await teller({
          ...appeared,
          id: 'bad:platform:team/other',
          type: 'PodUnready',
          data: { pod: 'p1', reason: 'crashed', message: '' },
        });
      },
    });
    const decider = startDecider(server, breaking);
    await until(decidedThrough(server, loads.length));
    await decider.stop();
    expect(await history(server)).toEqual(await reference());
    const letter = await server.connect().deadLetters.last('flyball.deadletters.0.decider');
    expect(letter?.body).toContain('STAGE_THREW');
  });

  it('recognises a log that was made anew, and folds it from the beginning', async () => {
    const server = await tell({});
    const first = startDecider(server);
    await until(decidedThrough(server, loads.length));
    await first.stop();
    server.recreate('EVENTS');
    const teller = createTeller(server.connect());
    for (const event of workloads.flatMap(opening)) await teller(event);
    await teller(tick(1, workloads, 25));
    const second = startDecider(server);
    await until(decidedThrough(server, 1));
    await second.stop();
    expect((await history(server))['flyball.events.0.default.a.decisions']).toHaveLength(1);
  });

  it('pauses longer each time when no state comes past the same place', async () => {
    const server = startMemoryServer();
    const teller = createTeller(server.connect());
    for (const event of workloads.flatMap(opening)) await teller(event);
    await teller(tick(1, workloads, 25));
    const refusing = connectingBy(server, (log) => {
      const append = async () => ({ kind: 'fenced', lastSeq: 0 });
      return Object.assign(log, { events: { ...streamOver(log.events, {}), append } });
    });
    const pausesMs: number[] = [];
    const clock: Clock = {
      ...systemClock,
      after: (delayMs, done) => {
        pausesMs.push(delayMs);
        return systemClock.after(0, done);
      },
    };
    const decider = startDecider(refusing, deterministicDecider, { clock });
    await until(async () => pausesMs.length >= 6);
    await decider.stop();
    expect(pausesMs.slice(0, 6)).toEqual([50, 100, 200, 400, 800, 1_000]);
  });
});
