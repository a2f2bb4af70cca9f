/** Golden traces: each story in stories/ is played, and what is told must be what is recorded. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  chainStart,
  decodeEvent,
  decodeSamples,
  encodeEvent,
  encodeUnchained,
  type RecordedEvent,
  samplesSubject,
  subjectOf,
} from '@flyball/contracts';
import { replayInputs, verifyDecisions } from '@flyball/domain';
import { describe, expect, test } from 'vitest';
import { type Played, play } from './pipeline/play.ts';
import { readStory } from './pipeline/story.ts';
import { tell } from './pipeline/tell.ts';

const folder = join(import.meta.dirname, 'stories');
const namesOf = (ending: string): string[] =>
  globSync(`*${ending}`, { cwd: folder })
    .map((file) => basename(file, ending))
    .sort();
const stories = namesOf('.input.jsonl');
const workloadsVerifiedMax = 3;

type Decided = Extract<RecordedEvent, { type: 'Decided' }>;
type Tick = Extract<RecordedEvent, { type: 'TickObserved' }>;
type Through = Extract<RecordedEvent, { type: 'DecidedThrough' }>;

const ofType = <Event extends RecordedEvent>(
  { events }: Played,
  type: Event['type'],
): readonly Event[] => events.filter((event) => event.type === type) as Event[];

const workloadsOf = (played: Played) =>
  new Set(played.events.flatMap(({ workload }) => workload ?? []));

/** The replica counts that were asked for, one after the other. */
const askedOf = (played: Played, workload: string): number[] =>
  ofType<Decided>(played, 'Decided')
    .filter((event) => event.workload === workload)
    .map(({ data }) => data.to)
    .filter((to, index, all) => to !== all[index - 1]);

test('there are stories, and no output has lost its own', () => {
  expect(stories.length).toBeGreaterThan(10);
  expect(namesOf('.output.txt').filter((name) => !stories.includes(name))).toEqual([]);
});

describe.each(stories)('%s', (name) => {
  const file = `${name}.input.jsonl`;
  const story = readStory(readFileSync(join(folder, file), 'utf8'), file);
  const played = play(story);

  test('is told as recorded', async () => {
    const output = join(folder, `${name}.output.txt`);
    await expect(tell(story, played)).toMatchFileSnapshot(output);
  });

  test('asks for the replicas that the story names', () => {
    expect(Object.keys(story.asked).length).toBeGreaterThan(0);
    for (const [workload, replicas] of Object.entries(story.asked)) {
      expect(askedOf(played, workload), workload).toEqual(replicas);
    }
  });

  test('plays the same again', () => {
    expect(play(story)).toEqual(played);
  });

  test('is stored and read back without a change', () => {
    for (const event of played.events) {
      const { body } = encodeEvent(event, chainStart);
      expect(decodeEvent(body, subjectOf(event), event.seq)).toEqual({ ok: true, event });
    }
    for (const { seq, receivedAtMs, ...batch } of played.samples) {
      const read = decodeSamples(encodeUnchained(batch), samplesSubject(batch.partition), seq);
      expect({ ...read, receivedAtMs }).toMatchObject({ ok: true, event: { ...batch, seq } });
    }
  });

  test('has one DecidedThrough for each tick, which counts its decisions', () => {
    const ticks = ofType<Tick>(played, 'TickObserved').filter(
      ({ data }) => data.kind === 'tick' && data.part === data.parts,
    );
    const throughs = ofType<Through>(played, 'DecidedThrough');
    expect(throughs.map(({ data }) => data.tickId)).toEqual(ticks.map(({ id }) => id));
    const decisions = ofType<Decided>(played, 'Decided');
    for (const { data, atMs } of throughs) {
      const parts = decisions.filter(
        (event) => event.atMs === atMs && event.causationId?.startsWith('w'),
      );
      expect(data.decisions).toBe(parts.length);
    }
  });

  test('is re-decided the same, from the ticks and from the minutes', () => {
    const decisions = ofType<Decided>(played, 'Decided');
    const ticks = ofType<Tick>(played, 'TickObserved');
    // A few of many are enough: they are all alike.
    for (const workload of [...workloadsOf(played)].slice(0, workloadsVerifiedMax)) {
      const events = played.events.filter((event) => event.workload === workload);
      const minutes = played.minutes.filter((minute) => minute.workload === workload);
      const recordedUntilMs = (minutes.at(-1)?.data.minuteAtMs ?? -60_000) + 60_000;
      const tail = ticks.filter(({ atMs }) => atMs >= recordedUntilMs);
      const own = decisions.filter((event) => event.workload === workload);
      for (const kept of [
        { minutes: [], ticks },
        { minutes, ticks: tail },
      ]) {
        const inputs = replayInputs({ workload, events, ...kept });
        expect(verifyDecisions(inputs, own)).toEqual([]);
      }
    }
  });
});
