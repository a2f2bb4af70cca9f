/** The stages among broken messages: each puts aside what it reads, and its partition goes on. */
import { deadLettersSubject, eventBytesMax, partitionOf } from '@flyball/contracts';
import type { EventLog, EventStream, StoredMessage } from '@flyball/event-log';
import { connect } from '@nats-io/transport-node';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { shells, until, World, workload } from '../../integration/shells-bed.ts';
import {
  type Bus,
  buses,
  memoryBus,
  natsBus,
  partitionCount,
  password,
  type ShellName,
} from '../../integration/shells-buses.ts';
import { fuzzRuns, fuzzSeed } from '../fuzz-runs.ts';
import { brokenMessage } from './broken-messages.ts';
import { type HardMessage, hardMessages } from './hard-messages.ts';
import type { Message } from './recorded-messages.ts';

const partition = partitionOf(workload, partitionCount);
/** Far more than a broken message and one stage make. */
const openMax = 60_000;

/** Who has to read a pen, by the design; the others may pass it by. */
const readersOf: Readonly<Record<string, readonly ShellName[]>> = {
  policy: ['windower', 'decider', 'actuator'],
  platform: ['windower', 'decider', 'actuator'],
  decisions: ['actuator'],
  actions: ['decider'],
};

/** The same message in the partition that the stages of this test work on, of another workload. */
const moved = ({ subject, body }: Message, nth: number): Message => ({
  subject: subject
    .replace(/^(flyball\.\w+)\.\d(?=\.|$)/, `$1.${partition}`)
    .replace(/\.(web|autoscale-go)\./, `.w${nth}.`),
  body: body
    .replace('"partition/3"', `"partition/${partition}"`)
    .replaceAll(/default\/(web|autoscale-go)/g, `default/w${nth}`),
});

/** Subjects that a server takes: tokens that are not empty, no wildcards, no spaces. */
const isSubject = ({ subject }: Message): boolean => /^[^\s.*>]+(\.[^\s.*>]+)+$/.test(subject);

const streamOf = (log: EventLog, { subject }: Message): EventStream | undefined => {
  if (subject.startsWith('flyball.samples.')) return log.samples;
  return subject.startsWith('flyball.events.') ? log.events : undefined;
};

const lettersOf = async (log: EventLog, stage: ShellName): Promise<readonly StoredMessage[]> => {
  const found: StoredMessage[] = [];
  const filter = deadLettersSubject(partition, stage);
  const reading = { filter, afterSeq: 0, signal: AbortSignal.timeout(openMax) };
  for await (const some of log.deadLetters.readToEnd(reading)) found.push(...some);
  return found;
};

const putAsideBy = async (log: EventLog, stage: ShellName): Promise<ReadonlySet<string>> =>
  new Set(
    (await lettersOf(log, stage)).map(({ body }) => {
      const { stream, seq, code } = JSON.parse(body).data;
      return `${stream} ${seq} ${code}`;
    }),
  );

const worlds: World[] = [];
const openWorld = async (openBus: () => Promise<Bus>): Promise<World> => {
  const world = await World.open(openBus);
  worlds.push(world);
  return world;
};

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.end();
});

/** That a partition goes on is seen by what it does: a burst gets its pods. */
const expectGoesOn = async (world: World): Promise<void> => {
  world.apply();
  await world.replicasReach(1);
  await world.poke(50);
  expect(await world.replicasReach(5)).toBeGreaterThanOrEqual(5);
  expect(world.crashes).toEqual([]);
};

const append = async (
  log: EventLog,
  message: Message,
  id: string,
): Promise<{ readonly stream: string; readonly seq: number } | undefined> => {
  const stream = streamOf(log, message);
  const isTaken = isSubject(message) && Buffer.byteLength(message.body) <= eventBytesMax;
  if (stream === undefined || !isTaken) return undefined;
  const result = await stream.append({ ...message, id });
  return result.kind === 'stored' ? { stream: stream.name, seq: result.seq } : undefined;
};

describe.each(buses)('the stages on %s', (_name, openBus) => {
  it.each([
    ['that were there before them', true],
    ['that come while they run', false],
  ])('put the hard messages aside %s, each with its reason', async (_when, before) => {
    const world = await openWorld(openBus);
    if (!before) await world.startAll();
    const stored: { readonly hard: HardMessage; readonly place: string }[] = [];
    for (const [nth, hard] of hardMessages.entries()) {
      const message = moved(hard.message, nth);
      // What is of no partition is read by no stage.
      if (!message.subject.split('.').includes(String(partition))) continue;
      const place = await append(world.log, message, `hard-${nth}`);
      if (place !== undefined) stored.push({ hard, place: `${place.stream} ${place.seq}` });
    }
    expect(stored.length).toBeGreaterThan(15);
    if (before) await world.startAll();
    for (const { hard, place } of stored) {
      const pen = hard.message.subject.split('.')[5] ?? '';
      const isSample = place.startsWith('SAMPLES');
      for (const stage of isSample ? (['windower'] as const) : (readersOf[pen] ?? [])) {
        await until(`${stage} puts aside: ${hard.name}`, async () =>
          (await putAsideBy(world.log, stage)).has(`${place} LOG_CORRUPT`) ? true : undefined,
        );
      }
    }
    await expectGoesOn(world);
  });
});

it('the stages go on among broken messages of every kind, and throw on none', async () => {
  const world = await openWorld(memoryBus);
  const messages = fc.sample(brokenMessage, { seed: fuzzSeed, numRuns: fuzzRuns(300) });
  const half = Math.floor(messages.length / 2);
  // What says of a partition what its owner alone may say is a rival's, and another story.
  const isOfWorkload = ({ subject }: Message) => subject.split('.').length > 4;
  const tell = async (some: readonly Message[], from: number): Promise<void> => {
    for (const [nth, message] of some.entries()) {
      const isSample = message.subject.startsWith('flyball.samples.');
      if (!isSample && !isOfWorkload(message)) continue;
      await append(world.log, moved(message, from + nth), `broken-${from + nth}`);
    }
  };
  await tell(messages.slice(0, half), 0);
  await world.startAll();
  await tell(messages.slice(half), half);
  await expectGoesOn(world);
  for (const shell of shells) {
    const thrown = (await lettersOf(world.log, shell)).filter(({ body }) =>
      body.includes('STAGE_THREW'),
    );
    expect(thrown.map(({ body }) => body)).toEqual([]);
  }
});

it('bytes that are no text are put aside like any other broken message', async () => {
  const world = await openWorld(natsBus);
  const raw = await connect({ servers: world.bus.url, user: 'admin', pass: password });
  const subjects = [
    `flyball.events.${partition}.default.raw.platform`,
    `flyball.samples.${partition}`,
  ];
  const bodies = [[0xff, 0xfe, 0x00], [0xc3, 0x28], [0xed, 0xa0, 0x80], [], [0x00]];
  for (const subject of subjects) {
    for (const body of bodies) raw.publish(subject, Uint8Array.from(body));
  }
  await raw.flush();
  await raw.close();
  await world.startAll();
  await until('all are put aside', async () => {
    const [windower, decider] = await Promise.all(
      (['windower', 'decider'] as const).map((stage) => putAsideBy(world.log, stage)),
    );
    const isDone = windower?.size === 2 * bodies.length && decider?.size === bodies.length;
    return isDone ? true : undefined;
  });
  await expectGoesOn(world);
});
