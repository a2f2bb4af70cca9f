/** Each rule and each fix of the code has a story that shows it: the README's tables say which. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventDataByName, RecordedEvent } from '@flyball/contracts';
import { fixesByAlgorithm, ruleNames } from '@flyball/domain/testing';
import { describe, expect, test } from 'vitest';
import { type Played, play } from './pipeline/play.ts';
import { readStory } from './pipeline/story.ts';

const folder = import.meta.dirname;
const readme = readFileSync(join(folder, 'README.md'), 'utf8');

/** The README's own words: `| what | [story](stories/story.output.txt) |` below a heading. */
const tableBelow = (heading: string): ReadonlyMap<string, string> => {
  const [, below = ''] = readme.split(`### ${heading}\n`);
  const [section = ''] = below.split('\n#', 1);
  const rows = section.matchAll(/^\| `([a-z-]+)` +\| \[([a-z-]+)\]\(stories\/\2\.output\.txt\)/gm);
  return new Map([...rows].map(([, what = '', story = '']) => [what, story]));
};

const playedOnce = new Map<string, Played>();
const playStory = (name: string): Played => {
  const file = `${name}.input.jsonl`;
  const text = () => readFileSync(join(folder, 'stories', file), 'utf8');
  const played = playedOnce.get(name) ?? play(readStory(text(), file));
  playedOnce.set(name, played);
  return played;
};

type Decided = Extract<RecordedEvent, { type: 'Decided' }>;

const decisionsOf = ({ events }: Played): readonly Decided[] =>
  events.filter((event): event is Decided => event.type === 'Decided');

describe('the rules', () => {
  const stories = tableBelow('A story for each rule');

  test('are in the table, each once, and nothing else is', () => {
    expect([...stories.keys()].sort()).toEqual([...ruleNames].sort());
  });

  test.each([...stories])('%s is in a decision of the story %s', (rule, story) => {
    const paths = decisionsOf(playStory(story)).flatMap(({ data }) => data.rules);
    expect(paths.map(({ rule: name }) => name)).toContain(rule);
  });

  test.each([...new Set(stories.values())])('%s names no rule that the code has not', (story) => {
    const paths = decisionsOf(playStory(story)).flatMap(({ data }) => data.rules);
    expect(ruleNames).toEqual(expect.arrayContaining(paths.map(({ rule }) => rule)));
  });
});

type Policy = EventDataByName['PolicySet']['policy'];

const fixesUnder = ({ behaviour, algorithm }: Policy): ReadonlySet<string> =>
  behaviour === 'knative' ? new Set() : (fixesByAlgorithm[algorithm] ?? new Set());

/** What was decided about a workload, and when: whoever it is. */
const lifeOf = (played: Played, workload: string | undefined): unknown =>
  decisionsOf(played)
    .filter((event) => event.workload === workload)
    .map(({ atMs, data }) => [atMs, data.to, data.mode, data.routing]);

describe('the fixes', () => {
  const stories = tableBelow('A story for each fix');
  const known = Object.values(fixesByAlgorithm).flatMap((each) => [...each]);

  test('are in the table, each once, and nothing else is', () => {
    expect([...stories.keys()].sort()).toEqual([...new Set<string>(known)].sort());
  });

  test.each([...stories])('%s: with it and without it the story %s differs', (fix, story) => {
    const played = playStory(story);
    const policies = played.events.filter((event) => event.type === 'PolicySet');
    const lives = (has: boolean) =>
      policies
        .filter(({ data }) => fixesUnder(data.policy).has(fix) === has)
        .map(({ workload }) => lifeOf(played, workload));
    expect(lives(true)).not.toEqual([]);
    expect(lives(false)).not.toEqual([]);
    for (const life of lives(true)) expect(lives(false)).not.toContainEqual(life);
  });
});
