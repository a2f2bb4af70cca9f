/** Stories of the actuator: events, answers, and what it says and asks for at each. */
import type {
  EventDataByName,
  EventName,
  Pen,
  RecordedEvent,
  WorkloadKey,
} from '@flyball/contracts';
import { actuator } from '../actuator/actuator.ts';
import type { ActuatorInput, ActuatorOutput, ApplyRouting, ApplyScale } from '../actuator/input.ts';
import type { ActuatorState } from '../actuator/state.ts';
import { step } from '../stage.ts';

export const web: WorkloadKey = 'default/web';
export const startMs = 1_767_225_600_000;

let seq = 0;
export const event = <Name extends EventName>(
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

export const appeared = event('WorkloadAppeared', 'platform', {
  uid: 'u1',
  replicas: 0,
  createdAtMs: startMs,
  adopted: false,
  resourceVersion: '1',
});

export const decided = (id: string, to: number, routing: 'activator' | 'pods' = 'activator') =>
  event('Decided', 'decisions', { to, routing } as EventDataByName['Decided'], { id });

export const through = (atMs: number): RecordedEvent =>
  event(
    'DecidedThrough',
    'progress',
    { tickId: 't', tickAtMs: atMs, throughSeq: 1, workloads: 1, decisions: 0 },
    { workload: undefined as never, atMs },
  );

export const wake = (id: string, atMs: number) =>
  event('WakeRequested', 'requests', { waiting: 1, waitingSinceMs: atMs }, { id, atMs });

/** Somebody else has set so many replicas. */
export const drifted = (id: string, observed: number, resourceVersion = '9') => {
  const seen = { expected: 3, observed, fieldManager: 'kubectl', resourceVersion };
  return event('ReplicasDrifted', 'platform', seen, { id });
};

/** The log has lost its tail. */
export const truncated = (id: string) => {
  const streamCreatedAt = '2026-01-01T00:00:00.000Z';
  const places = { expectedSeq: 9, expectedId: null, foundSeq: 5 };
  const created = {
    expectedStreamCreatedAt: streamCreatedAt,
    foundStreamCreatedAt: streamCreatedAt,
  };
  const data = { stage: 'watcher', ...places, ...created };
  return event('LogTruncated', 'incidents', data, { id, workload: undefined as never });
};

export const policy = (given: Partial<EventDataByName['PolicySet']['policy']>) =>
  event('PolicySet', 'policy', {
    policy: { minScale: 0, maxScale: 0, initialScale: 1, activationScale: 0, ...given },
    layers: {},
    warnings: [],
  } as unknown as EventDataByName['PolicySet']);

export const caughtUp: ActuatorInput = { type: 'CaughtUp', atMs: startMs };
export const rang = (atMs: number): ActuatorInput => ({ type: 'TimerRang', atMs });

/** A wake that is heard when it is asked for. */
export const wakeHeard = (id: string, atMs: number): readonly ActuatorInput[] => [
  wake(id, atMs),
  rang(atMs),
];

/** Turns the crank over inputs; gives what came of each. */
export const story = (from?: ActuatorState) => {
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

export const scaleOf = (outputs: readonly ActuatorOutput[]): ApplyScale => {
  const found = outputs.find((output) => output.type === 'ApplyScale');
  if (found === undefined) throw new Error('no scale was asked for');
  return found as ApplyScale;
};

export const routingOf = (outputs: readonly ActuatorOutput[]): ApplyRouting => {
  const found = outputs.find((output) => output.type === 'ApplyRouting');
  if (found === undefined) throw new Error('no routing was asked for');
  return found as ApplyRouting;
};

export const accepted = (command: ApplyScale, atMs = startMs, from = 0): ActuatorInput => ({
  type: 'ScaleAnswered',
  command,
  atMs,
  result: { ok: true, from, resourceVersion: '2' },
});

/** What the platform's watch shows of the workload. */
export const seen = (replicas: number, resourceVersion = '7') => ({
  type: 'ReplicasSeen' as const,
  workload: web,
  replicas,
  resourceVersion,
});

/** Done at this version of the workload. */
export const answeredAs = (
  command: ApplyScale,
  resourceVersion: string,
  atMs = startMs,
): ActuatorInput => ({
  type: 'ScaleAnswered',
  command,
  atMs,
  result: { ok: true, from: 0, resourceVersion },
});

/** It leads to what was asked for. */
export const routed = (command: ApplyRouting): ActuatorInput => ({
  type: 'RoutingAnswered',
  command,
  atMs: startMs,
  result: { ok: true },
});

export const failed = (command: ApplyScale, code: string, retriable: boolean, atMs = startMs) => ({
  type: 'ScaleAnswered' as const,
  command,
  atMs,
  result: { ok: false as const, code, message: 'no', retriable },
});

export const typesOf = (outputs: readonly ActuatorOutput[]) => outputs.map((output) => output.type);
