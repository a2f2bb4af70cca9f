import { chainOf, chainStart, followsChain, partitionFilter } from '@flyball/contracts';
import {
  type AppendFaults,
  type MemoryServer,
  type StoredMessage,
  startMemoryServer,
} from '@flyball/event-log';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { drive } from './drive.ts';
import { createStageMetrics } from './stage-metrics.ts';
import {
  createTeller,
  deterministicDecider,
  loads,
  opening,
  storyPartition,
  tick,
} from './testing/partition-story.ts';

const workloads = ['default/a', 'default/b', 'team/c'] as const;
const logger = pino({ level: 'silent' });

interface Driver {
  /** Drains: with a snapshot. */
  stop(): Promise<void>;
  /** Ends as a kill does: nothing is written any more. */
  kill(): Promise<void>;
}

const startDecider = (server: MemoryServer, stage = deterministicDecider): Driver => {
  const log = server.connect();
  const stop = new AbortController();
  const ended = drive({
    log,
    stage,
    partition: storyPartition,
    signal: stop.signal,
    isOwner: () => log.status() === 'connected',
    clock: systemClock,
    logger,
    metrics: createStageMetrics('decider', new Registry()),
  });
  ended.catch(() => undefined);
  return {
    stop: async () => {
      stop.abort();
      await ended;
    },
    kill: async () => {
      log.disconnect();
      stop.abort();
      await log.close();
    },
  };
};

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  const untilMs = performance.now() + 5_000;
  while (!(await condition())) {
    if (performance.now() > untilMs) throw new Error('the condition never came');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

const everything = async (server: MemoryServer): Promise<readonly StoredMessage[]> => {
  const found: StoredMessage[] = [];
  const { events } = server.connect();
  const signal = new AbortController().signal;
  const options = { filter: partitionFilter(storyPartition), afterSeq: 0, signal };
  for await (const batch of events.readToEnd(options)) found.push(...batch);
  return found;
};

const written = async (server: MemoryServer) =>
  (await everything(server)).filter(({ subject }) => /\.(decisions|progress)$/.test(subject));

/** Own messages by subject, without their places: two histories are equal when these are. */
const history = async (server: MemoryServer): Promise<Record<string, string[]>> => {
  const bySubject = Map.groupBy(await written(server), ({ subject }) => subject);
  const entries = [...bySubject].map(([subject, messages]) => {
    const bodies = messages.map(({ body }) => body.replace(/"throughSeq":\d+|,"chain":"\w+"/g, ''));
    return [subject, bodies] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
};

const expectWholeChains = async (server: MemoryServer): Promise<void> => {
  const chains = new Map<string, string>();
  for (const { subject, body } of await written(server)) {
    expect(followsChain(chains.get(subject) ?? chainStart, body)).toBe(true);
    chains.set(subject, chainOf(body) ?? '');
  }
};

const decidedThrough = (server: MemoryServer, ticks: number) => async () =>
  (await written(server)).filter(({ subject }) => subject.endsWith('progress')).length >= ticks;

interface Story {
  readonly faults?: AppendFaults;
  /** Runs after the n-th tick (0: before the first) was told. */
  readonly between?: (server: MemoryServer, n: number) => Promise<void>;
}

const tell = async ({ faults, between = async () => undefined }: Story): Promise<MemoryServer> => {
  const server = startMemoryServer(faults === undefined ? {} : { faults });
  const teller = createTeller(server.connect());
  for (const event of workloads.flatMap(opening)) await teller(event);
  await between(server, 0);
  for (const [index, load] of loads.entries()) {
    await teller(tick(index + 1, workloads, load));
    await between(server, index + 1);
  }
  return server;
};

const reference = async () => {
  const server = await tell({});
  const decider = startDecider(server);
  await until(decidedThrough(server, loads.length));
  await decider.stop();
  return history(server);
};

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
});
