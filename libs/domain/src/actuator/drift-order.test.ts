/** Somebody else's write and the answer of an own one, whichever of them is handled first. */
import { describe, expect, it } from 'vitest';
import {
  answeredAs,
  appeared,
  caughtUp,
  decided,
  drifted,
  policy,
  rang,
  scaleOf,
  seen,
  startMs,
  story,
  through,
  typesOf,
  wakeHeard,
  web,
} from '../testing/actuator-story.ts';
import { deciderSilentMs, decisionLateMs } from './input.ts';

/** A write of five that the platform has done; its answer is still on its way. */
const writingFive = () => {
  const one = story();
  const command = scaleOf(one.tell(caughtUp, policy({}), appeared, decided('d1', 5)));
  return { ...one, command, known: () => one.state().workloads[web] };
};

describe('the answer of an own write', () => {
  it('that is older than a drift which was told leaves what that told, and puts it right', () => {
    const { tell, command, known } = writingFive();
    expect(tell(seen(5, '10'), seen(7, '11'), drifted('x1', 7, '11'))).toEqual([]);
    const outputs = tell(answeredAs(command, '10'));
    expect(typesOf(outputs)).toEqual(['ScaleApplied', 'ApplyScale']);
    expect(scaleOf(outputs)).toMatchObject({ to: 5, causeId: 'x1', because: 'drifted' });
    expect(known()?.observed).toBe(7);
    tell(answeredAs(scaleOf(outputs), '12'));
    expect(known()).toMatchObject({ observed: 5, unexplained: null });
  });

  it('that is newer than the drift is what is there, whichever comes first', () => {
    const first = writingFive();
    first.tell(drifted('x1', 7, '9'));
    expect(typesOf(first.tell(answeredAs(first.command, '10')))).toEqual(['ScaleApplied']);
    const second = writingFive();
    second.tell(answeredAs(second.command, '10'));
    expect(second.tell(drifted('x1', 7, '9'))).toEqual([]);
    expect(second.known()).toEqual({ ...first.known() });
  });

  it.each([
    ['that was seen', [seen(7, '11')]],
    ['that took it back', [seen(5, '10'), seen(0, '11')]],
  ])('leaves a newer write %s, until the decider had its word', (_, shown) => {
    const { tell, command, known } = writingFive();
    tell(...shown);
    expect(typesOf(tell(answeredAs(command, '10')))).toEqual(['ScaleApplied']);
    tell(through(startMs + 2_000), rang(startMs + 2_050));
    const right = scaleOf(tell(rang(startMs + 2_050 + decisionLateMs)));
    expect(right).toMatchObject({ to: 5, causeId: 'd1:v11', because: 'drifted' });
    tell(answeredAs(right, '12'));
    expect(known()).toMatchObject({ observed: 5, unexplained: null });
  });

  it('of a wake that is older than a drift makes that be put right for the wake', () => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, through(startMs));
    const wokenMs = startMs + deciderSilentMs + 1;
    const command = scaleOf(tell(...wakeHeard('k1', wokenMs)));
    tell(drifted('x1', 0, '11'));
    expect(scaleOf(tell(answeredAs(command, '10', wokenMs)))).toMatchObject({
      ...{ to: 1, atLeast: true, decisionId: 'k1', causeId: 'x1', because: 'drifted' },
    });
  });

  it('to what is asked for now counts whatever its version: a store may be restored', () => {
    const { tell, command, known } = writingFive();
    tell(answeredAs(command, '1000'));
    const six = scaleOf(tell(decided('d2', 6)));
    expect(typesOf(tell(answeredAs(six, '601')))).toEqual(['ScaleApplied']);
    expect(known()).toMatchObject({ observed: 6, observedVersion: '601' });
  });

  it('counts as ever where versions are no numbers', () => {
    const { tell, command, known } = writingFive();
    tell(drifted('x1', 7, 'b11'));
    expect(typesOf(tell(answeredAs(command, 'a10')))).toEqual(['ScaleApplied']);
    expect(known()?.observed).toBe(5);
  });
});
