/** What was not seen is no load of zero: after a time without sight nothing goes because of it. */
import { describe, expect, it } from 'vitest';
import { verifyDecisions } from '../replay/verify-decisions.ts';
import { DeciderStory, storyWorkload } from '../testing/decider-story.ts';
import {
  fewestFrom,
  type Outcome,
  type Sight,
  type Watched,
  watch,
} from './gap-in-sight.fixture.ts';

const pods = 10;
const gapFromS = 200;
const constant = { pods, untilS: 320, loadAt: () => 98 };

const within =
  (fromS: number, untilS: number, sight: Sight) =>
  (second: number): Sight =>
    second >= fromS && second < untilS ? sight : 'seen';

const heldBy = ({ story }: Outcome): string[] =>
  story.decisions.flatMap(({ data }) => data.rules.map(({ rule }) => rule));

describe('under a constant load that ten pods take, ten are asked for', () => {
  it.each<[string, Watched['sightAt']]>([
    ['after the scrape was blind for 30 s', within(gapFromS, gapFromS + 30, 'blind')],
    ['after the scrape was silent for 30 s', within(gapFromS, gapFromS + 30, 'silent')],
    [
      'after 30 s in which nobody said a word and no tick came',
      within(gapFromS, gapFromS + 30, 'away'),
    ],
    ['after the scrape was blind for 8 s', within(gapFromS, gapFromS + 8, 'blind')],
    [
      'after the scrape was blind for nearly a stable window',
      within(gapFromS, gapFromS + 57, 'blind'),
    ],
    [
      'after nobody said a word for nearly a stable window',
      within(gapFromS, gapFromS + 57, 'away'),
    ],
    [
      'while the scrape is blind for 9 seconds of 20',
      (second) => (second >= gapFromS && second % 20 < 9 ? 'blind' : 'seen'),
    ],
  ])('%s', (_, sightAt) => {
    const outcome = watch({ ...constant, sightAt });
    expect(fewestFrom(outcome, 100)).toBe(pods);
    expect(heldBy(outcome)).toContain('hold-gap');
  });

  it('after nobody said a word for 8 s, the seconds before that was noticed among them', () => {
    const sightAt = within(gapFromS, gapFromS + 8, 'unheard');
    const outcome = watch({ ...constant, loadAt: () => 91, policy: { tolerance: 0 }, sightAt });
    expect(fewestFrom(outcome, 100)).toBe(pods);
  });

  it('also where older seconds fade', () => {
    const policy = { metricAggregationAlgorithm: 'weighted-exponential' } as const;
    const outcome = watch({
      ...constant,
      policy,
      sightAt: within(gapFromS, gapFromS + 30, 'blind'),
    });
    expect(fewestFrom(outcome, 100)).toBe(pods);
    expect(heldBy(outcome)).toContain('hold-gap');
  });

  it('also where the window has not been full yet', () => {
    const sightAt = within(20, 28, 'blind');
    const policy = { panicThreshold: 1000 };
    expect(fewestFrom(watch({ ...constant, policy, untilS: 100, sightAt }), 10)).toBe(pods);
  });
});

it('behaviour knative takes what was not seen for zero', () => {
  const policy = { behaviour: 'knative' } as const;
  const outcome = watch({ ...constant, policy, sightAt: within(gapFromS, gapFromS + 30, 'blind') });
  expect(fewestFrom(outcome, 100)).toBe(5);
  expect(heldBy(outcome)).not.toContain('hold-gap');
});

describe('after a gap of 30 s', () => {
  const againFromS = gapFromS + 30;
  const fallen = (to: number) => ({
    pods,
    untilS: 420,
    loadAt: (second: number) => (second < againFromS ? 98 : to),
  });

  it.each<Sight>(['blind', 'silent', 'away'])(
    '%s: a load that fell shrinks by what is seen of it',
    (sight) => {
      const { asked } = watch({ ...fallen(38), sightAt: within(gapFromS, againFromS, sight) });
      // Half of the window is not seen: of the 20 s that are of the new load 40 s were seen.
      const at20S = asked.filter(({ atS }) => atS <= againFromS + 15).at(-1)?.to ?? 0;
      expect(at20S).toBeGreaterThan(4);
      expect(at20S).toBeLessThan(pods);
      const afterS = asked.filter(({ atS }) => atS <= againFromS + 33).at(-1)?.to;
      expect(afterS).toBe(4);
    },
  );

  it('it is told in a sentence, when it begins and not at each tick', () => {
    const { story } = watch({ ...constant, sightAt: within(gapFromS, againFromS, 'blind') });
    const told = story.decisions.filter(({ data }) => data.binding === 'hold-gap');
    expect(told.map(({ data }) => [data.from, data.to])).toEqual([[pods, pods]]);
    expect(told[0]?.data.reason).toBe(
      '49 in flight ÷ 10 a pod = 5; 31 s of the last 60 s were not seen; ' +
        'by the others it is 101.38 in flight ÷ 10 a pod = 11, held to 10',
    );
  });

  it('replay decides the same', () => {
    const { story } = watch({ ...fallen(38), sightAt: within(gapFromS, againFromS, 'away') });
    expect(verifyDecisions(story.inputs, story.decisions)).toEqual([]);
  });
});

describe('to zero', () => {
  const idleFromS = 260;
  const zeroAtS = (sightAt: Watched['sightAt']): number => {
    const loadAt = (second: number) => (second < idleFromS ? 98 : 0);
    const { asked } = watch({ pods, untilS: 500, loadAt, sightAt });
    return asked.find(({ to }) => to === 0)?.atS ?? Number.POSITIVE_INFINITY;
  };
  const usualS = zeroAtS(() => 'seen');

  it.each<[Sight, number]>([
    ['blind', 30],
    ['silent', 30],
    ['away', 30],
    ['blind', 58],
    ['silent', 58],
    ['away', 58],
  ])('%s for %i s before, it goes there as soon, but for a tenth of a window', (sight, gapS) => {
    expect(usualS).toBeLessThan(idleFromS + 100);
    const atS = zeroAtS(within(idleFromS - gapS, idleFromS, sight));
    expect(atS).toBeLessThanOrEqual(usualS + 6);
  });

  it('one scrape that is lost now and then does not keep the pods of no load', () => {
    const atS = zeroAtS((second) => (second < idleFromS && second % 10 === 3 ? 'blind' : 'seen'));
    expect(atS).toBeLessThanOrEqual(usualS + 6);
  });
});

describe('a poke while nobody can measure', () => {
  it('takes nothing away', () => {
    const story = new DeciderStory().workload({ initialScale: pods });
    story.tick(0);
    story.pods(pods, 1);
    for (let nowS = 2; nowS <= 100; nowS += 2) story.tick(nowS, { stable: 98 });
    story.tick(102, { stable: 40, seen: 'blind' });
    story.poke(103, { stable: 40, seen: 'blind', inFlight: 3 });
    expect(story.state.workloads[storyWorkload]?.asked).toBe(pods);
  });
});

it('what is held goes as the gap leaves the window, also while the averages stay', () => {
  const story = new DeciderStory().workload({ initialScale: pods });
  story.tick(0);
  story.pods(pods, 1).tick(2, { stable: 98 });
  story.quiet(4, 100).tick(130, { stable: 40 });
  const asked = () => story.state.workloads[storyWorkload]?.asked;
  expect(asked()).toBe(9);
  story.quiet(132, 150);
  expect(asked()).toBe(9);
  story.quiet(150, 190);
  // No faster than the rate: half of the ten that are there.
  expect(asked()).toBe(5);
});

describe('a gap is told apart from', () => {
  const quiet = () => new DeciderStory().workload({ initialScale: pods, panicThreshold: 1000 });

  it('a tick that comes a little late', () => {
    const story = quiet();
    story.tick(0);
    story.pods(pods, 1);
    for (let nowS = 2; nowS <= 100; nowS += 2) story.tick(nowS, { stable: 98 });
    story.tick(102.9, { stable: 49 });
    expect(story.state.workloads[storyWorkload]?.asked).toBe(5);
  });

  it('a time of which no minute was recorded, because it had no pods', () => {
    const story = quiet();
    story.tick(0, { stable: 0 });
    story.tick(2, { stable: 0 });
    story.pods(pods, 999).tick(1000, { stable: 5 });
    expect(story.state.workloads[storyWorkload]?.sight.unseen).toEqual([]);
    story.tick(1002, { stable: 98 });
    story.tick(1004, { stable: 49 });
    expect(story.state.workloads[storyWorkload]?.asked).toBe(5);
  });
});
