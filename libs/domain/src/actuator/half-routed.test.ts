/** A routing that may be done by half: nobody knows where the requests go until one is done. */
import type { RecordedEvent, Routing } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import {
  appeared,
  caughtUp,
  decided,
  rang,
  routed,
  routingOf,
  startMs,
  story,
  typesOf,
} from '../testing/actuator-story.ts';
import type { ActuatorInput, ApplyRouting } from './input.ts';
import { actuatorSnapshot, actuatorStateFrom } from './state.ts';
import { retryLongestMs } from './tries.ts';

const unanswered = (command: ApplyRouting): ActuatorInput => ({
  type: 'RoutingAnswered',
  command,
  atMs: startMs,
  result: { ok: false, code: 'PLATFORM_UNREACHABLE', message: 'no answer', retriable: true },
});

const ways: readonly (readonly [Routing, Routing])[] = [
  ['activator', 'pods'],
  ['pods', 'activator'],
];

/** Led one way, as the log says; then the other way is decided, and its routing has begun. */
const turning = (from: Routing, to: Routing) => {
  const { tell, state } = story();
  const log: RecordedEvent[] = [appeared, decided('d1', 0, from)];
  const [applied] = tell(routed(routingOf(tell(caughtUp, ...log))));
  const turn = decided('d2', 0, to);
  log.push({ ...(applied as RecordedEvent), seq: 100 }, turn);
  return { tell, state, log, command: routingOf(tell(turn)) };
};

describe.each(ways)('a routing from the %s to the %s', (from, to) => {
  it('that failed is undone when it is decided back before it is tried again', () => {
    const { tell, command } = turning(from, to);
    expect(typesOf(tell(unanswered(command)))).toEqual(['RoutingFailed']);
    const back = routingOf(tell(decided('d3', 0, from)));
    expect(back).toMatchObject({ routing: from, decisionId: 'd3' });
    expect(typesOf(tell(routed(back)))).toEqual(['RoutingApplied']);
    expect(tell(rang(startMs + retryLongestMs))).toEqual([]);
  });

  it('that fails once it was decided back is undone, whoever folds it', () => {
    const { tell, command } = turning(from, to);
    expect(tell(decided('d3', 0, from))).toEqual([]);
    const outputs = tell(unanswered(command));
    expect(typesOf(outputs)).toEqual(['RoutingFailed', 'ApplyRouting']);
    expect(routingOf(outputs)).toMatchObject({ routing: from, decisionId: 'd3' });
  });

  it('whose answer its owner never heard is undone by the next one', () => {
    const { log } = turning(from, to);
    const next = story();
    next.tell(...log, decided('d3', 0, from));
    expect(routingOf(next.tell(caughtUp))).toMatchObject({ routing: from, decisionId: 'd3' });
  });

  it('that failed is undone by an owner that goes on from a snapshot', () => {
    const { tell, state, command } = turning(from, to);
    tell(unanswered(command));
    const stored = JSON.parse(JSON.stringify(actuatorSnapshot(state())));
    const next = story(actuatorStateFrom(stored, 0));
    next.tell(decided('d3', 0, from));
    expect(routingOf(next.tell(caughtUp))).toMatchObject({ routing: from, decisionId: 'd3' });
  });

  it('that is done stands, and is asked for once', () => {
    const { tell, command } = turning(from, to);
    expect(typesOf(tell(routed(command)))).toEqual(['RoutingApplied']);
    expect(tell(decided('d3', 1, to)).map(({ type }) => type)).toEqual(['ApplyScale']);
  });
});
