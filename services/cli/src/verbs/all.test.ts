/** Stages that are started in this process, and a bug in one of them while others still start. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commonSettings, defineConfig, defineService, type Life } from '@flyball/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProcessEvent } from '../up/supervised.ts';
import type { Topology, WatchedService } from '../up/topology.ts';
import { stagesHere } from './all.ts';

const configSchema = defineConfig(commonSettings);
const bug = new Error('an invariant does not hold');

let topology: Topology;
let told: ProcessEvent[];

beforeEach(async () => {
  const logs = await mkdtemp(join(tmpdir(), 'flyball-all-'));
  told = [];
  topology = {
    data: { path: logs, logs, nats: logs, redis: logs, node: logs } as Topology['data'],
    secrets: { nats: {}, redis: '', platform: '' } as unknown as Topology['secrets'],
    endpoints: {
      ...{ natsUrl: 'nats://127.0.0.1:1', givenNatsLogin: null, redisUrl: 'redis://127.0.0.1:1' },
      ...{ platformUrl: 'http://127.0.0.1:1', platformPort: 1, gatewayHost: '127.0.0.1' },
      ...{ gatewayPort: 1, domain: 'example.com', consolePort: undefined },
    },
    ...{ logLevel: 'silent', inherited: {}, telling: undefined },
    settings: { windower: { FLYBALL_DRAIN_LIMIT_MS: '100' } },
  };
});
afterEach(() => rm(topology.data.logs, { recursive: true }));

/** Stages that start as they are told to. */
const started = (how: (service: WatchedService, life: Life) => Promise<void>) =>
  stagesHere({
    definitionOf: async (name) =>
      defineService({ name, configSchema, start: (_config, life) => how(name, life) }),
  });
const start = (
  { startStage }: ReturnType<typeof stagesHere>,
  service: WatchedService,
): ReturnType<typeof startStage> => startStage(service, topology, (event) => told.push(event));

describe('given a stage that has a bug as soon as it runs', () => {
  const buggy = () => {
    const late = Promise.withResolvers<void>();
    const here = started(async (service, life) => {
      if (service === 'windower') return late.promise;
      life.run('loop', async () => {
        throw bug;
      });
    });
    return { here, late };
  };

  it('when another is still starting, then waiting for that one ends with the bug', async () => {
    const { here, late } = buggy();
    const windower = start(here, 'windower');
    const watcher = start(here, 'watcher');
    await expect(windower.ready).rejects.toBe(bug);
    await watcher.ready.catch(() => undefined);
    late.resolve();
    await Promise.all([windower.stop(), watcher.stop()]);
  });

  it('when another never ends its start, then it is left behind after a while', async () => {
    const { here } = buggy();
    const windower = start(here, 'windower');
    const watcher = start(here, 'watcher');
    await expect(windower.ready).rejects.toBe(bug);
    await watcher.ready.catch(() => undefined);
    await Promise.all([windower.stop(), watcher.stop()]);
    expect([...here.leftBehind]).toEqual(['windower']);
  });

  it('when one is started after it, then waiting for that one ends with the bug', async () => {
    const { here, late } = buggy();
    const watcher = start(here, 'watcher');
    await expect(here.crashed).rejects.toBe(bug);
    const windower = start(here, 'windower');
    await expect(windower.ready).rejects.toBe(bug);
    await watcher.ready.catch(() => undefined);
    late.resolve();
    await Promise.all([windower.stop(), watcher.stop()]);
  });

  it('when nobody looks for the bug yet, then it is no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const { here } = buggy();
    const watcher = start(here, 'watcher');
    await watcher.ready.catch(() => undefined);
    await watcher.stop();
    // Node tells of them after a turn of its loop.
    await new Promise((next) => setImmediate(next));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    await expect(here.crashed).rejects.toBe(bug);
  });
});

it('given stages without a bug, when they are started, then each says it is ready', async () => {
  const here = started(async () => undefined);
  const stages = (['watcher', 'decider'] as const).map((service) => start(here, service));
  await Promise.all(stages.map(({ ready }) => ready));
  const ready = told.filter(({ kind }) => kind === 'ready').map(({ name }) => name);
  expect(ready.toSorted()).toEqual(['decider', 'watcher']);
  await Promise.all(stages.map((stage) => stage.stop()));
  expect([...here.leftBehind]).toEqual([]);
});

it('given a stage that cannot end, when it is stopped, then it is left behind', async () => {
  const here = started(async (_service, life) => {
    life.run('loop', () => new Promise<never>(() => undefined));
  });
  const windower = start(here, 'windower');
  await windower.ready;
  await windower.stop();
  expect([...here.leftBehind]).toEqual(['windower']);
});
