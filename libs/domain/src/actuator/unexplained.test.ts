/** Replicas that the platform has and the log does not explain: an event was lost. */
import { expect, it } from 'vitest';
import {
  accepted,
  appeared,
  caughtUp,
  decided,
  policy,
  rang,
  scaleOf,
  seen,
  startMs,
  story,
  through,
  wake,
} from '../testing/actuator-story.ts';
import { deciderSilentMs, decisionLateMs } from './input.ts';

/** Decided and applied: one replica, by the log. */
const oneByTheLog = () => {
  const { tell, state } = story();
  const first = scaleOf(tell(caughtUp, appeared, decided('d1', 1)));
  tell(accepted(first), through(startMs));
  return { tell, state };
};

it('are left alone until the decider has spoken, then put right under a name of their own', () => {
  const { tell } = oneByTheLog();
  expect(tell(seen(3), rang(startMs + 50))).toEqual([]);
  tell(through(startMs + 2_000), rang(startMs + 2_050));
  const command = scaleOf(tell(rang(startMs + 2_050 + decisionLateMs)));
  expect(command).toMatchObject({ to: 1, decisionId: 'd1', causeId: 'd1:v7', because: 'drifted' });
  expect(tell(accepted(command, startMs + 2_060, 3))[0]).toMatchObject({
    id: 'd1:v7:s1:actions:default/web',
  });
});

it('are left alone when the decider decides what is there', () => {
  const { tell } = oneByTheLog();
  tell(seen(3));
  const command = scaleOf(tell(decided('d2', 3)));
  tell(accepted(command, startMs + 10, 3), through(startMs + 2_000));
  expect(tell(rang(startMs + 2_050), rang(startMs + 4_000))).toEqual([]);
});

it('are left alone when their decision comes after the word that it was decided', () => {
  const { tell } = oneByTheLog();
  tell(seen(3), through(startMs + 2_000));
  expect(tell(rang(startMs + 2_050), rang(startMs + 2_040 + decisionLateMs))).toEqual([]);
  const command = scaleOf(tell(decided('d2', 3)));
  tell(accepted(command, startMs + 2_600, 3));
  expect(tell(through(startMs + 4_000), rang(startMs + 4_050), rang(startMs + 6_000))).toEqual([]);
});

it('that the log explains are passed over', () => {
  const { tell, state } = oneByTheLog();
  tell(seen(1), through(startMs + 2_000));
  expect(tell(rang(startMs + 2_050), rang(startMs + 4_000))).toEqual([]);
  expect(state().waiting.size).toBe(0);
});

it('are not woken from zero that is none', () => {
  const { tell } = story();
  tell(policy({}), appeared, decided('d1', 0), through(startMs), seen(2), caughtUp);
  const late = startMs + deciderSilentMs + 1;
  expect(tell(wake('k1', late))).toEqual([]);
  expect(tell(rang(late + 50))).toEqual([]);
});
