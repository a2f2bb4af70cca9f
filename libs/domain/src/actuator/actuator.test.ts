/** What the actuator asks for and says: decisions, tries, drifts, routing. */
import { describe, expect, it } from 'vitest';
import {
  accepted,
  appeared,
  caughtUp,
  decided,
  drifted,
  event,
  failed,
  rang,
  routingOf,
  scaleOf,
  startMs,
  story,
  truncated,
  typesOf,
} from '../testing/actuator-story.ts';
import type { ActuatorInput, ActuatorOutput, ApplyRouting } from './input.ts';
import { actuatorSnapshot, actuatorStateFrom } from './state.ts';
import { refusedPauseMs, retryLongestMs } from './tries.ts';

describe('the actuator', () => {
  it('asks for nothing before the log is folded, then for what was decided last', () => {
    const { tell } = story();
    expect(tell(appeared, decided('d1', 3), decided('d2', 5))).toEqual([]);
    expect(scaleOf(tell(caughtUp))).toMatchObject({ to: 5, decisionId: 'd2', because: 'decided' });
  });

  it('says what came of it, once, under an id that follows from the decision', () => {
    const { tell } = story();
    const command = scaleOf(tell(caughtUp, appeared, decided('d1', 3)));
    const [applied, ...more] = tell(accepted(command, startMs + 4));
    expect(applied).toMatchObject({
      type: 'ScaleApplied',
      id: 'd1:s1:actions:default/web',
      atMs: startMs + 4,
      data: { from: 0, to: 3, decisionId: 'd1', attempt: 1, because: 'decided' },
    });
    expect(more).toEqual([]);
    expect(tell(rang(startMs + 60_000))).toEqual([]);
  });

  it('does not touch what is as decided already', () => {
    const { tell } = story();
    expect(typesOf(tell(caughtUp, appeared, decided('d1', 0)))).toEqual(['ApplyRouting']);
  });

  it('has one write under way, then the newest decision; the one between is superseded', () => {
    const { tell } = story();
    const first = scaleOf(tell(caughtUp, appeared, decided('d1', 3)));
    expect(tell(decided('d2', 6))).toEqual([]);
    expect(tell(decided('d3', 9))).toMatchObject([
      { type: 'ScaleSuperseded', data: { to: 6, decisionId: 'd2', byDecisionId: 'd3' } },
    ]);
    const after = tell(accepted(first));
    expect(after).toMatchObject([
      { type: 'ScaleApplied', data: { to: 3, decisionId: 'd1' } },
      { type: 'ApplyScale', to: 9, decisionId: 'd3' },
    ]);
  });

  it('tries again with growing pauses, for ever, and counts the tries', () => {
    const { tell } = story();
    let command = scaleOf(tell(caughtUp, appeared, decided('d1', 3)));
    let atMs = startMs;
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      expect(command.attempt).toBe(attempt);
      expect(typesOf(tell(failed(command, 'PLATFORM_UNREACHABLE', true, atMs)))).toEqual([
        'ScaleFailed',
      ]);
      const failedMs = atMs;
      let outputs: ActuatorOutput[] = [];
      while (outputs.length === 0) {
        atMs += 50;
        outputs = tell(rang(atMs));
      }
      pauses.push(atMs - failedMs);
      command = scaleOf(outputs);
    }
    expect(pauses.slice(0, 4)).toEqual([50, 100, 200, 400]);
    expect(pauses.at(-1)).toBe(retryLongestMs);
  });

  it('tries a conflict again at once', () => {
    const { tell } = story();
    const command = scaleOf(tell(caughtUp, appeared, decided('d1', 3)));
    const outputs = tell(failed(command, 'PLATFORM_CONFLICT', true));
    expect(typesOf(outputs)).toEqual(['ScaleFailed', 'ApplyScale']);
    expect(scaleOf(outputs).attempt).toBe(2);
  });

  it('tries a refusal again after long, or at once when something new is decided', () => {
    const { tell } = story();
    const command = scaleOf(tell(caughtUp, appeared, decided('d1', 3)));
    expect(typesOf(tell(failed(command, 'PLATFORM_REFUSED', false)))).toEqual(['ScaleFailed']);
    expect(tell(rang(startMs + refusedPauseMs - 1))).toEqual([]);
    const again = scaleOf(tell(rang(startMs + refusedPauseMs)));
    expect(again).toMatchObject({ decisionId: 'd1', attempt: 2 });
    tell(failed(again, 'PLATFORM_REFUSED', false, startMs + refusedPauseMs));
    expect(scaleOf(tell(decided('d2', 3)))).toMatchObject({ decisionId: 'd2', attempt: 1 });
  });

  it('puts a drift right', () => {
    const { tell } = story();
    tell(accepted(scaleOf(tell(caughtUp, appeared, decided('d1', 3)))));
    const command = scaleOf(tell(drifted('drift', 8)));
    expect(command).toMatchObject({ to: 3, decisionId: 'd1', because: 'drifted', attempt: 1 });
    expect(tell(accepted(command))[0]).toMatchObject({ id: 'drift:s1:actions:default/web' });
  });

  it('routes as decided, and says so', () => {
    const { tell } = story();
    const outputs = tell(caughtUp, appeared, decided('d1', 0, 'pods'));
    const command = routingOf(outputs);
    const answer: ActuatorInput = {
      type: 'RoutingAnswered',
      command,
      atMs: startMs + 2,
      result: { ok: true },
    };
    expect(tell(answer)).toMatchObject([
      { type: 'RoutingApplied', id: 'd1:r1:actions:default/web', data: { routing: 'pods' } },
    ]);
    expect(typesOf(tell(decided('d2', 0, 'activator')))).toEqual(['ApplyRouting']);
  });

  it('routes once more when the log has lost its tail, and says so under the loss’s name', () => {
    const { tell } = story();
    const answer = (command: ApplyRouting): ActuatorInput => ({
      type: 'RoutingAnswered',
      command,
      atMs: startMs,
      result: { ok: true },
    });
    tell(answer(routingOf(tell(caughtUp, appeared, decided('d1', 0, 'pods')))));
    const command = routingOf(tell(truncated('t1')));
    expect(command).toMatchObject({ routing: 'pods', decisionId: 'd1', attempt: 1 });
    expect(tell(answer(command))).toMatchObject([
      { type: 'RoutingApplied', id: 't1:r1:actions:default/web', data: { decisionId: 'd1' } },
    ]);
    expect(tell(rang(startMs + 60_000))).toEqual([]);
  });

  it('routes once more when other hosts lead to it, also while it is routing', () => {
    const { tell } = story();
    const reachable = (id: string) =>
      event('WorkloadReachable', 'platform', { hosts: ['shop.test'] }, { id });
    const answer = (command: ApplyRouting): ActuatorInput => ({
      type: 'RoutingAnswered',
      command,
      atMs: startMs,
      result: { ok: true },
    });
    expect(tell(caughtUp, appeared, reachable('h0'))).toEqual([]);
    const first = routingOf(tell(decided('d1', 0, 'pods')));
    expect(typesOf(tell(reachable('h1')))).toEqual([]);
    const outputs = tell(answer(first));
    expect(typesOf(outputs)).toEqual(['RoutingApplied', 'ApplyRouting']);
    expect(routingOf(outputs)).toMatchObject({ routing: 'pods', causeId: 'h1', decisionId: 'd1' });
    expect(typesOf(tell(answer(routingOf(outputs))))).toEqual(['RoutingApplied']);
    expect(routingOf(tell(reachable('h2')))).toMatchObject({ causeId: 'h2' });
    expect(tell(event('WorkloadReachable', 'platform', {}))).toEqual([]);
  });

  it('folds the same from its snapshot, with nothing under way', () => {
    const first = story();
    first.tell(caughtUp, appeared, decided('d1', 3));
    const stored = JSON.parse(JSON.stringify(actuatorSnapshot(first.state())));
    const second = story(actuatorStateFrom(stored, 0));
    expect(scaleOf(second.tell(caughtUp))).toMatchObject({ to: 3, attempt: 1 });
    expect(actuatorStateFrom({ no: 'snapshot' }, 0)).toBeUndefined();
  });

  it('forgets a workload that is gone, and an answer that comes late', () => {
    const { tell } = story();
    const command = scaleOf(tell(caughtUp, appeared, decided('d1', 3)));
    tell(event('WorkloadGone', 'platform', { uid: 'u1', reason: 'deleted' }));
    expect(tell(accepted(command))).toEqual([]);
  });
});
