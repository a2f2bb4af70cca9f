/** Reading decisions back: explaining one, and the state that `get` shows. */
import { expect, it } from 'vitest';
import { type Decided, DeciderStory, startMs } from '../testing/decider-story.ts';
import { decidedState } from './decided-state.ts';
import { explainDecision } from './explain-decision.ts';

const burst = () => {
  const story = new DeciderStory().workload({ maxScale: 3 });
  story.tick(0);
  const [decided] = story.poke(10.4, { stable: 0.4, inFlight: 50 });
  return { story, decided: decided as Decided };
};

it('tells the sentence, the inputs and each rule with the number before and after', () => {
  const explained = explainDecision(burst().decided);
  expect(explained.headline).toBe('0 → 3, panic mode');
  expect(explained.sentence).toBe(
    '0.4 in flight ÷ 10 a pod = 1; right now 50 in flight ÷ 10 a pod = 5; ' +
      'never more than the max scale of 3; panic begins',
  );
  expect(explained.rules.map(({ rule, from, to, binding }) => [rule, from, to, binding])).toEqual([
    ['need', null, 1, false],
    ['burst', 1, 5, false],
    ['max-scale', 5, 3, true],
  ]);
  expect(explained.inputs).toContainEqual({ name: 'inFlight', value: 50, unit: 'requests' });
  expect(explained.lines.at(-1)).toBe(
    '▸ max-scale          5 → 3      never more than the max scale of 3',
  );
});

it('reads only what was recorded: a record over JSON explains the same', () => {
  const { decided } = burst();
  expect(explainDecision(JSON.parse(JSON.stringify(decided)))).toEqual(explainDecision(decided));
});

it('shows each workload as it stands', () => {
  const { story, decided } = burst();
  story.pods(2, 11).tick(12, { stable: 40.5, panic: 41 });
  expect(decidedState(story.state)).toEqual([
    {
      namespace: 'default',
      name: 'web',
      desiredReplicas: 3,
      readyReplicas: 2,
      mode: 'panic',
      stableAverage: 40.5,
      panicAverage: 41,
      target: 10,
      minScale: 0,
      maxScale: 3,
      routing: 'activator',
      lastDecision: {
        id: decided.id,
        atMs: startMs + 10_400,
        from: 0,
        to: 3,
        reason: decided.data.reason,
      },
      seen: 'measured',
      coveredAtMs: null,
      tickAtMs: startMs + 12_000,
    },
  ]);
});

it('leaves out workloads that have not appeared', () => {
  const story = new DeciderStory().policy({});
  expect(decidedState(story.state)).toEqual([]);
});
