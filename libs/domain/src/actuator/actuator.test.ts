import type {
  EventDataByName,
  EventName,
  Pen,
  RecordedEvent,
  WorkloadKey,
} from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { step } from '../stage.ts';
import { actuator, wakeScale } from './actuator.ts';
import {
  type ActuatorInput,
  type ActuatorOutput,
  type ApplyRouting,
  type ApplyScale,
  deciderSilentMs,
  retryLongestMs,
  wakeKeptMs,
} from './input.ts';
import { type ActuatorState, actuatorSnapshot, actuatorStateFrom } from './state.ts';

const web: WorkloadKey = 'default/web';
const startMs = 1_767_225_600_000;

let seq = 0;
const event = <Name extends EventName>(
  type: Name,
  pen: Pen,
  data: EventDataByName[Name],
  { id = `e${seq + 1}`, atMs = startMs, workload = web as WorkloadKey | undefined } = {},
): RecordedEvent => {
  seq += 1;
  const about = workload === undefined ? {} : { workload };
  return {
    id,
    type,
    pen,
    data,
    atMs,
    partition: 0,
    source: '/test',
    seq,
    ...about,
  } as RecordedEvent;
};

const appeared = event('WorkloadAppeared', 'platform', {
  uid: 'u1',
  replicas: 0,
  createdAtMs: startMs,
  adopted: false,
  resourceVersion: '1',
});

const decided = (id: string, to: number, routing: 'activator' | 'pods' = 'activator') =>
  event('Decided', 'decisions', { to, routing } as EventDataByName['Decided'], { id });

const through = (atMs: number): RecordedEvent =>
  event(
    'DecidedThrough',
    'progress',
    { tickId: 't', tickAtMs: atMs, throughSeq: 1, workloads: 1, decisions: 0 },
    { workload: undefined as never, atMs },
  );

const wake = (id: string, atMs: number) =>
  event('WakeRequested', 'requests', { waiting: 1, waitingSinceMs: atMs }, { id, atMs });

const policy = (given: Partial<EventDataByName['PolicySet']['policy']>) =>
  event('PolicySet', 'policy', {
    policy: { minScale: 0, maxScale: 0, initialScale: 1, activationScale: 0, ...given },
    layers: {},
    warnings: [],
  } as unknown as EventDataByName['PolicySet']);

const caughtUp: ActuatorInput = { type: 'CaughtUp', atMs: startMs };
const rang = (atMs: number): ActuatorInput => ({ type: 'TimerRang', atMs });

/** Turns the crank over inputs; gives what came of each. */
const story = (from?: ActuatorState) => {
  let state = from ?? actuator.initialState(0);
  const told: ActuatorOutput[][] = [];
  const tell = (...inputs: readonly ActuatorInput[]): ActuatorOutput[] => {
    for (const input of inputs) {
      const stepped = step(actuator, state, input);
      state = stepped.state;
      told.push([...stepped.outputs]);
    }
    return told.at(-1) ?? [];
  };
  return { tell, state: () => state, told };
};

const scaleOf = (outputs: readonly ActuatorOutput[]): ApplyScale => {
  const found = outputs.find((output) => output.type === 'ApplyScale');
  if (found === undefined) throw new Error('no scale was asked for');
  return found as ApplyScale;
};

const accepted = (command: ApplyScale, atMs = startMs, from = 0): ActuatorInput => ({
  type: 'ScaleAnswered',
  command,
  atMs,
  result: { ok: true, from, resourceVersion: '2' },
});

const failed = (command: ApplyScale, code: string, retriable: boolean, atMs = startMs) => ({
  type: 'ScaleAnswered' as const,
  command,
  atMs,
  result: { ok: false as const, code, message: 'no', retriable },
});

const typesOf = (outputs: readonly ActuatorOutput[]) => outputs.map((output) => output.type);

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

  it('leaves a refusal alone until something new is decided', () => {
    const { tell } = story();
    const command = scaleOf(tell(caughtUp, appeared, decided('d1', 3)));
    expect(typesOf(tell(failed(command, 'PLATFORM_REFUSED', false)))).toEqual(['ScaleFailed']);
    expect(tell(rang(startMs + 3_600_000))).toEqual([]);
    expect(scaleOf(tell(decided('d2', 3)))).toMatchObject({ decisionId: 'd2', attempt: 1 });
  });

  it('puts a drift right', () => {
    const { tell } = story();
    tell(accepted(scaleOf(tell(caughtUp, appeared, decided('d1', 3)))));
    const drift = event(
      'ReplicasDrifted',
      'platform',
      { expected: 3, observed: 8, fieldManager: 'kubectl', resourceVersion: '9' },
      { id: 'drift' },
    );
    const command = scaleOf(tell(drift));
    expect(command).toMatchObject({ to: 3, decisionId: 'd1', because: 'drifted', attempt: 1 });
    expect(tell(accepted(command))[0]).toMatchObject({ id: 'drift:s1:actions:default/web' });
  });

  it('routes as decided, and says so', () => {
    const { tell } = story();
    const outputs = tell(caughtUp, appeared, decided('d1', 0, 'pods'));
    const command = outputs.find((output) => output.type === 'ApplyRouting') as ApplyRouting;
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

  it('is forgotten after its requests have ended', () => {
    const { tell } = story();
    tell(caughtUp, policy({}), appeared, through(startMs), wake('k1', startMs + 100));
    tell(through(startMs + wakeKeptMs), rang(startMs + wakeKeptMs + 200));
    expect(tell(rang(startMs + 60_000))).toEqual([]);
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
