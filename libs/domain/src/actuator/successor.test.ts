/** A workload that is deleted and made again, while something is under way to the dead one. */
import { describe, expect, it } from 'vitest';
import {
  answeredAs,
  appeared,
  caughtUp,
  decided,
  event,
  failed,
  routed,
  routingOf,
  scaleOf,
  startMs,
  story,
  typesOf,
  web,
} from '../testing/actuator-story.ts';
import type { ActuatorOutput } from './input.ts';

const gone = event('WorkloadGone', 'platform', { uid: 'u1', reason: 'deleted' });
const successor = event('WorkloadAppeared', 'platform', {
  ...{ uid: 'u2', replicas: 1, createdAtMs: startMs, adopted: true, resourceVersion: '20' },
});

/** Five replicas and a routing were asked for of the first; then there is the second. */
const replaced = () => {
  const { tell, state } = story();
  const commands = tell(caughtUp, appeared, decided('d1', 5, 'pods'));
  tell(gone, successor);
  return { tell, commands, known: () => state().workloads[web] };
};

describe('what is answered of the workload before', () => {
  it('says nothing of its successor', () => {
    const { tell, commands, known } = replaced();
    expect(tell(answeredAs(scaleOf(commands), '10'))).toEqual([]);
    expect(tell(routed(routingOf(commands)))).toEqual([]);
    expect(known()).toMatchObject({ observed: 1, routingApplied: null });
    expect(typesOf(tell(decided('d2', 5, 'pods')))).toEqual(['ApplyScale', 'ApplyRouting']);
  });

  it('that failed does not end what is under way to its successor', () => {
    const { tell, commands } = replaced();
    tell(decided('d2', 4, 'pods'));
    expect(tell(failed(scaleOf(commands), 'PLATFORM_GONE', false))).toEqual([]);
    expect(tell(routed(routingOf(commands)))).toEqual([]);
    expect(tell(decided('d3', 3, 'pods'))).toEqual([]);
  });

  it('and was told before the successor was known, is no fact of it in the log either', () => {
    const live = story();
    const commands = live.tell(caughtUp, appeared, decided('d1', 5, 'pods'));
    const told = [answeredAs(scaleOf(commands), '10'), routed(routingOf(commands))].flatMap(
      (answer) => live.tell(answer),
    );
    live.tell(gone, successor);
    const next = story();
    const own = told.map((one, at) => ({ ...(one as ActuatorOutput & { seq: number }), seq: at }));
    next.tell(appeared, decided('d1', 5, 'pods'), gone, successor, ...(own as never[]));
    expect(next.state().workloads[web]).toEqual(live.state().workloads[web]);
  });
});
