/** A workload that was woken while nobody decided: taken over, kept for its time, let go again. */
import type { FlyballEvent, RecordedEvent } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import {
  accepted,
  story as actuatorStory,
  appeared,
  caughtUp,
  policy,
  scaleOf,
  through,
  wakeHeard,
} from '../testing/actuator-story.ts';
import { DeciderStory, startMs, storyWorkload } from '../testing/decider-story.ts';

const applied = { from: 0, to: 1, decisionId: 'k1', attempt: 1, resourceVersion: '3' };

/** As the other stage reads it from the log. */
const read = (event: FlyballEvent): RecordedEvent => ({ ...event, seq: 1 }) as RecordedEvent;

/** At zero for long, idle; then woken at 1,000 s, while no tick came. */
const woken = (): DeciderStory => {
  const story = new DeciderStory().workload({ initialScale: 0 });
  story.tick(0, { stable: 0 });
  expect(story.state.workloads[storyWorkload]?.last?.to).toBe(0);
  story.routed('activator', 1);
  for (let nowS = 2; nowS <= 100; nowS += 2) story.tick(nowS, { stable: null, seen: 'unobserved' });
  const data = { ...applied, appliedAtMs: startMs + 1_000_000, because: 'woken' } as const;
  story.event('ScaleApplied', data, 1_000);
  story.pods(1, 1_001);
  return story;
};

/** The number after each of these ticks, all of them measured without any load. */
const idleUntil = (story: DeciderStory, fromS: number, untilS: number) => {
  for (let nowS = fromS; nowS <= untilS; nowS += 2) story.tick(nowS, { stable: 0 });
  return story.decisions.map(({ data }) => data.to);
};

describe('a workload that was woken', () => {
  it('is taken over by the first tick, though its requests have ended', () => {
    const story = woken();
    expect(story.tick(1_070, { stable: 0 })[0]?.data).toMatchObject({ from: 0, to: 1 });
  });

  it('goes back to zero after a stable window without load, as any other', () => {
    const story = woken();
    expect(idleUntil(story, 1_070, 1_120).at(-1)).toBe(1);
    expect(idleUntil(story, 1_122, 1_300).at(-1)).toBe(0);
    expect(story.state.workloads[storyWorkload]).toMatchObject({ asked: 0, pending: false });
  });

  it('is not let go by a tick that has not seen its request yet', () => {
    const story = woken();
    expect(story.tick(1_002, { stable: 0 })[0]?.data).toMatchObject({ to: 1 });
  });

  it('is let go too when the first tick comes after it would have been given up', () => {
    const story = woken();
    expect(story.tick(2_000, { stable: 0 })[0]?.data).toMatchObject({ from: 0, to: 0 });
    expect(story.state.workloads[storyWorkload]?.asked).toBe(0);
  });

  it('is brought back to zero by the actuator that woke it', () => {
    const story = new DeciderStory().workload({ initialScale: 0 });
    const { tell } = actuatorStory();
    tell(caughtUp, policy({}), appeared);
    const decisions = story.tick(0, { stable: 0 });
    expect(tell(...decisions.map(read), through(startMs))).toEqual([]);
    story.routed('activator', 1);
    const waking = scaleOf(tell(...wakeHeard('k1', startMs + 1_000_000)));
    const [woke] = tell(accepted(waking, startMs + 1_000_010));
    expect(woke).toMatchObject({ type: 'ScaleApplied', data: { to: 1, because: 'woken' } });
    story.input(read(woke as FlyballEvent));
    story.pods(1, 1_001);
    const before = story.decisions.length;
    idleUntil(story, 1_070, 1_300);
    const outputs = story.decisions.slice(before).map((decision) => tell(read(decision)));
    expect(outputs.flat()).toMatchObject([{ type: 'ApplyScale', to: 0, because: 'decided' }]);
  });
});
