/** A fact on the subject of another partition: put aside by every stage, with its reason. */
import {
  chainStart,
  encodeEvent,
  encodeUnchained,
  eventFrom,
  partitionOf,
  samplesSubject,
  subjectOf,
} from '@flyball/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shells, until, World, workload } from './shells-bed.ts';
import { buses, partitionCount } from './shells-buses.ts';

const right = partitionOf(workload, partitionCount);
const wrong = (right + 1) % partitionCount;

describe.each(buses)('on %s', (_name, openBus) => {
  let world: World;

  beforeEach(async () => {
    world = await World.open(openBus);
  });
  afterEach(() => world.end());

  const tell = async (): Promise<void> => {
    const { log } = world;
    const atMs = Date.now();
    const event = eventFrom({
      ...{ type: 'PodReady', pen: 'platform', workload, partition: wrong },
      ...{ source: '/flyball/watcher', cause: { id: 'watcher-0-b:1', atMs } },
      data: { pod: 'web-1' },
    });
    const { body } = encodeEvent(event, chainStart);
    await log.events.append({ subject: subjectOf(event), id: event.id, body, expectedLastSeq: 0 });
    const id = `activator-x:${wrong}:1`;
    const batch = encodeUnchained({
      ...{ id, type: 'SamplesReported', pen: 'samples', partition: wrong, atMs },
      source: '/flyball/activator/x',
      data: {
        ...{ source: 'activator-x', secondAtMs: atMs - (atMs % 1_000), partial: false },
        rows: {
          ...{ workloads: [workload], concurrencyMilli: [90_000], requestsMilli: [90_000] },
          ...{ inFlight: [90], traceparents: [null] },
        },
        covered: [],
      },
    });
    await log.samples.append({ subject: samplesSubject(wrong), id, body: batch });
  };

  const ticksThere = async () =>
    (await world.of('TickObserved')).filter(({ partition }) => partition === wrong).length;

  const deadLetters = async () => {
    const found: { stage: string; stream: string; code: string; reason: string }[] = [];
    const reading = {
      ...{ filter: `flyball.deadletters.${wrong}.*`, afterSeq: 0 },
      signal: AbortSignal.timeout(5_000),
    };
    for await (const batch of world.log.deadLetters.readToEnd(reading)) {
      found.push(...batch.map(({ body }) => JSON.parse(body).data));
    }
    return found;
  };

  it('is a dead letter of each, and the partition goes on', async () => {
    await world.startAll();
    await until('ticks', async () => ((await ticksThere()) > 0 ? true : undefined));
    await tell();
    const letters = await until('all letters', async () => {
      const found = await deadLetters();
      return found.length === shells.length + 1 ? found : undefined;
    });
    expect(letters.map(({ stage, stream }) => `${stage} ${stream}`).sort()).toEqual([
      'actuator EVENTS',
      'decider EVENTS',
      'watcher EVENTS',
      'windower EVENTS',
      'windower SAMPLES',
    ]);
    const where = `partition ${right} of ${partitionCount}, not to ${wrong}`;
    const expected = { code: 'LOG_CORRUPT', reason: `${workload} belongs to ${where}` };
    for (const letter of letters) expect(letter).toMatchObject(expected);
    const before = await ticksThere();
    await until('more ticks', async () => ((await ticksThere()) > before ? true : undefined));
    expect(world.platform.workloads()).toEqual([]);
  });
});
