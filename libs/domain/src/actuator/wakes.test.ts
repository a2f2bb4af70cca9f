/** Wakes: obeyed while the decider is silent, and never for longer. */
import { describe, expect, it } from 'vitest';
import {
  accepted,
  appeared,
  caughtUp,
  decided,
  drifted,
  failed,
  policy,
  rang,
  scaleOf,
  startMs,
  story,
  through,
  typesOf,
  wake,
  wakeHeard,
} from '../testing/actuator-story.ts';
import { wakeScale } from './actuator.ts';
import { deciderSilentMs, wakeKeptMs } from './input.ts';

describe('a wake', () => {
  it('is left to a decider that speaks', () => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, through(startMs));
    expect(tell(wake('k1', startMs + 1_000))).toEqual([]);
  });

  it('is obeyed when the decider is silent, and stands until the next decision', () => {
    const { tell } = story();
    tell(caughtUp, policy({ activationScale: 2 }), appeared, decided('d1', 0), through(startMs));
    expect(tell(wake('k1', startMs + 2_000))).toEqual([]);
    const command = scaleOf(tell(rang(startMs + deciderSilentMs + 1)));
    expect(command).toMatchObject({ to: 2, decisionId: 'k1', because: 'woken' });
    expect(typesOf(tell(accepted(command, startMs + 3_010)))).toEqual(['ScaleApplied']);
    expect(tell(rang(startMs + 60_000))).toEqual([]);
    expect(scaleOf(tell(decided('d2', 0)))).toMatchObject({ to: 0, because: 'decided' });
  });

  it('is obeyed after ticks from a clock that was ahead: what counts is when they came', () => {
    const { tell } = story();
    const ahead = startMs + 30_000;
    tell(caughtUp, policy({}), appeared, decided('d1', 0), through(ahead), rang(startMs));
    expect(tell(wake('k1', startMs + 2_000))).toEqual([]);
    const command = scaleOf(tell(rang(startMs + deciderSilentMs + 1)));
    expect(command).toMatchObject({ to: 1, decisionId: 'k1', because: 'woken' });
  });

  it('takes nothing away from what somebody else has added, and puts back what they took', () => {
    const { tell } = story();
    tell(caughtUp, policy({ activationScale: 2 }), appeared, decided('d1', 0), through(startMs));
    tell(accepted(scaleOf(tell(...wakeHeard('k1', startMs + deciderSilentMs + 1)))));
    expect(tell(drifted('a', 5), rang(startMs + 5_000))).toEqual([]);
    const command = scaleOf(tell(drifted('b', 1)));
    expect(command).toMatchObject({ to: 2, decisionId: 'k1', because: 'drifted' });
    tell(accepted(command));
    expect(tell(drifted('c', 5), rang(startMs + 9_000))).toEqual([]);
    expect(scaleOf(tell(decided('d2', 2)))).toMatchObject({ to: 2, because: 'decided' });
  });

  it('that a decision overtook does not take its place', () => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, decided('d1', 0), through(startMs));
    const waking = scaleOf(tell(...wakeHeard('k1', startMs + deciderSilentMs + 1)));
    expect(tell(decided('d2', 3))).toEqual([]);
    const outputs = tell(accepted(waking));
    expect(scaleOf(outputs)).toMatchObject({ to: 3, decisionId: 'd2', because: 'decided' });
  });

  it('asks for no less than what was decided before and could not be done', () => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, through(startMs));
    tell(failed(scaleOf(tell(decided('d1', 4))), 'PLATFORM_REFUSED', false));
    expect(scaleOf(tell(...wakeHeard('k1', startMs + deciderSilentMs + 1)))).toMatchObject({
      to: 4,
    });
  });

  it('is left to a decider that speaks, also by an owner whose clock is behind', () => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, rang(startMs - 8_000), wake('k1', startMs));
    expect(tell(through(startMs + 1_000))).toEqual([]);
    expect(tell(rang(startMs - 6_900))).toEqual([]);
  });

  it('is left to a decider that spoke all the time in which nothing waited', () => {
    const { tell } = story();
    const hourMs = 3_600_000;
    tell(caughtUp, policy({}), appeared, decided('d1', 0));
    // Its clock is a little ahead; nobody rings while nothing waits.
    for (let atMs = 0; atMs <= hourMs; atMs += 2_000) tell(through(startMs + atMs + 300));
    expect(tell(wake('k1', startMs + hourMs + 100))).toEqual([]);
    expect(tell(rang(startMs + hourMs + 150))).toEqual([]);
    const silent = rang(startMs + hourMs + 300 + deciderSilentMs + 1);
    expect(scaleOf(tell(silent))).toMatchObject({ to: 1, because: 'woken' });
  });

  it('is left to a decider whose clock is ahead by an owner who has just caught up', () => {
    const { tell } = story();
    tell(policy({}), appeared, decided('d1', 0), through(startMs + 30_000));
    expect(typesOf(tell(wake('k1', startMs - 10), caughtUp))).toEqual(['ApplyRouting']);
    const silent = rang(startMs + deciderSilentMs + 1);
    expect(scaleOf(tell(silent))).toMatchObject({ to: 1, because: 'woken' });
  });

  it.each([
    ['behind', -11_000],
    ['ahead', 11_000],
  ])('is obeyed while the decider is silent, by an activator whose clock is %s', (_, skewMs) => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, decided('d1', 0), through(startMs));
    const hourMs = startMs + 3_600_000;
    expect(tell(wake('k1', hourMs + skewMs))).toEqual([]);
    expect(scaleOf(tell(rang(hourMs)))).toMatchObject({ to: 1, because: 'woken' });
  });

  it('is left to a decider that speaks, by an activator whose clock is ahead', () => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, decided('d1', 0), through(startMs), rang(startMs));
    const aheadMs = deciderSilentMs + 1;
    expect(tell(wake('k1', startMs + 1_000 + aheadMs))).toEqual([]);
    expect(tell(rang(startMs + 1_000), rang(startMs + 2_000))).toEqual([]);
    tell(through(startMs + 2_000));
    expect(tell(rang(startMs + 2_010 + deciderSilentMs - 20))).toEqual([]);
  });

  it('of a clock that is ahead is forgotten as any other, also by a new owner', () => {
    const { tell } = story();
    tell(policy({}), appeared, drifted('x1', 1), through(startMs - 60_000));
    tell(wake('k1', startMs + 3_600_000), caughtUp, rang(startMs + wakeKeptMs + 1));
    expect(tell(drifted('x2', 0))).toEqual([]);
  });

  it('of a workload that has pods is not taken for a new one when they are gone', () => {
    const { tell, state } = story();
    tell(caughtUp, policy({}), appeared, drifted('x1', 1), wake('k1', startMs));
    expect(state().waiting.size).toBe(1);
    tell(rang(startMs + 50));
    expect(state().waiting.size).toBe(0);
    tell(rang(startMs + 3_600_000));
    expect(tell(drifted('x2', 0))).toEqual([]);
  });

  it('that failed leaves no number of a try to be used twice', () => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, through(startMs));
    const first = scaleOf(tell(decided('d1', 2)));
    tell(failed(first, 'PLATFORM_GONE', false));
    const waking = scaleOf(tell(...wakeHeard('k1', startMs + deciderSilentMs + 1)));
    tell(failed(waking, 'PLATFORM_GONE', false, startMs + deciderSilentMs + 1));
    const again = scaleOf(tell(through(startMs + deciderSilentMs + 1)));
    expect(again).toMatchObject({ to: 2, decisionId: 'd1' });
    expect(again.attempt).toBeGreaterThan(first.attempt);
  });

  it('is forgotten after its requests have ended', () => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, through(startMs), ...wakeHeard('k1', startMs + 100));
    tell(through(startMs + wakeKeptMs), rang(startMs + wakeKeptMs + 200));
    expect(tell(rang(startMs + 60_000))).toEqual([]);
  });

  it('that is under way for long is not forgotten meanwhile', () => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, decided('d1', 0), through(startMs));
    const waking = scaleOf(tell(...wakeHeard('k1', startMs + deciderSilentMs + 1)));
    tell(rang(startMs + deciderSilentMs + wakeKeptMs + 1_000));
    const late = accepted(waking, startMs + deciderSilentMs + wakeKeptMs + 1_010);
    expect(typesOf(tell(late))).toEqual(['ScaleApplied']);
  });

  it('of the past is not obeyed by a new owner', () => {
    const { tell } = story();
    const old = [policy({}), appeared, through(startMs - 90_000), wake('k1', startMs - 60_000)];
    expect(tell(...old, caughtUp)).toEqual([]);
  });

  it.each([
    [{ minScale: 0, maxScale: 0, initialScale: 3, activationScale: 0 }, false, 3],
    [{ minScale: 0, maxScale: 0, initialScale: 3, activationScale: 0 }, true, 1],
    [{ minScale: 4, maxScale: 0, initialScale: 1, activationScale: 2 }, true, 4],
    [{ minScale: 0, maxScale: 2, initialScale: 5, activationScale: 0 }, false, 2],
  ])('%j, decided before: %s, scales to %i', (given, everDecided, to) => {
    expect(wakeScale(given, everDecided)).toBe(to);
  });
});
