/** What the decider makes of events that are told again, or that no decision asked for. */
import { expect, it } from 'vitest';
import { DeciderStory, replicasOf, startMs } from '../testing/decider-story.ts';
import { decidedState } from './decided-state.ts';
import { decider } from './decider.ts';

const known = (story: DeciderStory) => story.state.workloads['default/web'];

it('routing that is told again is in force since it was told first', () => {
  const story = new DeciderStory().workload().routed('activator', 5).routed('activator', 60);
  expect(known(story)?.routing).toEqual({ applied: 'activator', sinceMs: startMs + 5_000 });
});

it('a wake without a decider is what was asked for last; an applied decision was known', () => {
  const story = new DeciderStory().workload();
  const applied = { from: 0, decisionId: 'd', appliedAtMs: startMs, attempt: 1 };
  const event = { ...applied, resourceVersion: '2' };
  story.event('ScaleApplied', { ...event, to: 3, because: 'decided' }, 1);
  expect(known(story)?.asked).toBe(0);
  story.event('ScaleApplied', { ...event, to: 1, because: 'woken' }, 2);
  expect(known(story)?.asked).toBe(1);
});

it('a policy that is told before its workload is the one that it is decided by', () => {
  const story = new DeciderStory().policy({ minScale: 3 });
  const data = { uid: 'u1', replicas: 0, adopted: false, createdAtMs: startMs };
  story.event('WorkloadAppeared', { ...data, resourceVersion: '1' }, 1);
  expect(replicasOf(story.tick(2))).toEqual([3]);
});

it('a decision that is told again counts once', () => {
  const story = new DeciderStory().workload();
  const [decided] = story.tick(2, { stable: 50 });
  expect(decided).toBeDefined();
  const { decisions } = story.state.tick;
  if (decided !== undefined) decider.evolve(story.state, decided);
  expect(story.state.tick.decisions).toBe(decisions);
});

it('nothing is decided of a workload that has a policy and has not appeared', () => {
  expect(new DeciderStory().policy({}).tick(1, { stable: 50 })).toEqual([]);
});

it('the panic in which Knative begins is shown before anything was decided', () => {
  const { state } = new DeciderStory().workload({ behaviour: 'knative' }, 5);
  expect(decidedState(state)).toMatchObject([{ mode: 'panic', lastDecision: null }]);
});
