/** Recorded histories of every past version: still read, still whole, still decided the same. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  chained,
  chainStart,
  defineEvent,
  events,
  type RecordedEvent,
  type WorkloadKey,
} from '@flyball/contracts';
import { type DecisionDifference, replayInputs, verifyDecisions } from '@flyball/domain';
import {
  boundRules,
  type FixName,
  fixesByAlgorithm,
  type Rule,
  wantRules,
} from '@flyball/domain/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  brokenLinks,
  decodeLine,
  historyText,
  isEvent,
  type RecordedLine,
  readHistory,
  storedLines,
  unrecordedVersions,
} from './history.ts';
import { play } from './pipeline/play.ts';
import { readStory } from './pipeline/story.ts';

const folder = join(import.meta.dirname, 'history');
const histories = globSync('v*/*.jsonl', { cwd: folder })
  .sort()
  .map((file) => ({ file, lines: readHistory(readFileSync(join(folder, file), 'utf8'), file) }));

type Decided = Extract<RecordedEvent, { type: 'Decided' }>;
type Minute = Extract<RecordedEvent, { type: 'MinuteRecorded' }>;
type Tick = Extract<RecordedEvent, { type: 'TickObserved' }>;

const decoded = (lines: readonly RecordedLine[]): readonly RecordedEvent[] =>
  lines.filter(isEvent).map((line) => {
    const read = decodeLine(line);
    if (!read.ok) throw new Error(`${line.subject} ${line.seq}: ${read.reason}`);
    return read.event;
  });

const ofType = <Event extends RecordedEvent>(
  all: readonly RecordedEvent[],
  type: Event['type'],
): readonly Event[] => all.filter((event) => event.type === type) as Event[];

interface Life {
  readonly workload: WorkloadKey;
  readonly decisions: readonly Decided[];
  /** From the ticks as they were sent, and as they are rebuilt when the keeper has purged them. */
  readonly inputs: readonly (readonly RecordedEvent[])[];
}

/** Each workload that was decided about, as `replay verify` reads it. */
const livesIn = (lines: readonly RecordedLine[]): readonly Life[] => {
  const all = decoded(lines);
  const allTicks = ofType<Tick>(all, 'TickObserved');
  const workloads = new Set(ofType<Decided>(all, 'Decided').flatMap((each) => each.workload ?? []));
  return [...workloads].map((workload) => {
    const own = all.filter((event) => event.workload === workload);
    const minutes = ofType<Minute>(own, 'MinuteRecorded');
    const recordedUntilMs = Math.max(0, ...minutes.map(({ data }) => data.minuteAtMs + 60_000));
    const tail = allTicks.filter(({ atMs }) => atMs >= recordedUntilMs);
    const told = own.filter(({ type }) => type !== 'MinuteRecorded');
    const inputs = [
      replayInputs({ workload, events: told, minutes: [], ticks: allTicks }),
      replayInputs({ workload, events: told, minutes, ticks: tail }),
    ];
    return { workload, decisions: ofType<Decided>(own, 'Decided'), inputs };
  });
};

const differencesIn = (lives: readonly Life[]): readonly DecisionDifference[] =>
  lives.flatMap(({ inputs, decisions }) =>
    inputs.flatMap((each) => verifyDecisions(each, decisions)),
  );

const lives = histories.flatMap(({ lines }) => livesIn(lines));

describe.each(histories)('$file', ({ file, lines }) => {
  test('is written as it is read', () => {
    expect(historyText(lines)).toBe(readFileSync(join(folder, file), 'utf8'));
  });

  test('every line is read', () => {
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(decodeLine(line), line.body).toMatchObject({ ok: true });
  });

  test('every chain is whole', () => {
    expect(brokenLinks(lines)).toEqual([]);
  });

  const subjects = [...new Set(lines.filter(isEvent).map(({ subject }) => subject))];

  test.each(subjects)('of %s a changed, missing or misplaced line is noticed', (subject) => {
    const own = lines.filter((line) => line.subject === subject);
    own.forEach((line, index) => {
      const body = line.body.replace(/("time":"2026-01-0)\d/, '$19');
      expect(brokenLinks(own.with(index, { ...line, body }))[0]?.body).toBe(body);
      const next = own[index + 1];
      if (next === undefined) return;
      expect(brokenLinks(own.toSpliced(index, 1))[0]).toBe(next);
      expect(brokenLinks(own.with(index, next).with(index + 1, line))[0]).toBe(next);
    });
  });
});

describe('the decisions', () => {
  test('are re-decided the same, from the ticks and from the minutes', () => {
    expect(lives.length).toBeGreaterThan(5);
    expect(differencesIn(lives)).toEqual([]);
  });

  const rules: [string, Rule[]][] = [
    ...wantRules.map(({ name }): [string, Rule[]] => [name, wantRules as Rule[]]),
    ...boundRules.map(({ name }): [string, Rule[]] => [name, boundRules as Rule[]]),
  ];

  test.each(rules)('differ when the rule %s is taken out', (name, list) => {
    const at = list.findIndex((rule) => rule.name === name);
    const [taken] = list.splice(at, 1) as [Rule];
    try {
      expect(differencesIn(lives).length).toBeGreaterThan(0);
    } finally {
      list.splice(at, 0, taken);
    }
    expect(differencesIn(lives)).toEqual([]);
  });

  const fixes = Object.entries(fixesByAlgorithm).flatMap(([algorithm, names]) =>
    [...names].map((name) => ({ name, algorithm, inForce: names as Set<FixName> })),
  );

  test.each(fixes)('differ without the fix $name of algorithm $algorithm', ({ name, inForce }) => {
    inForce.delete(name);
    try {
      expect(differencesIn(lives).length).toBeGreaterThan(0);
    } finally {
      inForce.add(name);
    }
  });

  test('differ when one is forged, although its chain was forged with it', () => {
    const history = histories.find(({ lines }) => livesIn(lines).length > 0);
    const lines = history?.lines ?? [];
    const at = lines.findIndex(({ body }) => body.includes('"to":5'));
    const forged = lines[at] as RecordedLine;
    const { subject } = forged;
    let chain = chainStart;
    const rechained = lines.map((line) => {
      if (line.subject !== subject) return line;
      const body = line === forged ? line.body.replace('"to":5', '"to":6') : line.body;
      const next = chained(chain, body.replace(/,"chain":"[0-9a-f]{64}"\}$/, '}'));
      chain = next.chain;
      return { ...line, body: next.body };
    });
    expect(brokenLinks(rechained)).toEqual([]);
    const found = differencesIn(livesIn(rechained));
    expect(found).toMatchObject([
      { kind: 'different', fields: [{ path: 'data.to', recorded: 6, decided: 5 }] },
      { kind: 'different', fields: [{ path: 'data.to', recorded: 6, decided: 5 }] },
    ]);
  });
});

describe('what is recorded', () => {
  const lines = histories.flatMap((history) => history.lines);

  test('has a line of each published version of each event', () => {
    expect(unrecordedVersions(Object.values(events), lines)).toEqual([]);
  });

  test('would be missed: an event without a line, an upcast without one', () => {
    const schema = z.strictObject({ pod: z.string() });
    const Moved = defineEvent('Moved', 'For this test.', schema);
    const upcast = (older: { pod: string }) => older;
    const PodReady = defineEvent('PodReady', 'For this test.', schema, [upcast]);
    expect(unrecordedVersions([Moved, PodReady], lines)).toEqual(['Moved v1', 'PodReady v2']);
  });

  test('is recorded from a story as its stages would store it', () => {
    const file = 'every-rule.input.jsonl';
    const text = readFileSync(join(import.meta.dirname, 'stories', file), 'utf8');
    const recorded = storedLines(play(readStory(text, file)));
    expect(brokenLinks(recorded)).toEqual([]);
    expect(differencesIn(livesIn(recorded))).toEqual([]);
  });
});
