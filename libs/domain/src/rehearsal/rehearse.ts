/**
 * Plays a first request at zero through the stages, on states that are thrown away: the first real
 * one then meets code that is compiled, and schemas that are made.
 */
import {
  type AnyEvent,
  chainStart,
  decodeEvent,
  decodeSamples,
  type EventDataByName,
  type EventName,
  encodeEvent,
  encodeUnchained,
  eventFrom,
  examplePolicy,
  type FlyballEvent,
  type Pen,
  type RecordedEvent,
  samplesSubject,
  subjectOf,
  type WorkloadKey,
} from '@flyball/contracts';
import { actuator } from '../actuator/actuator.ts';
import { type ActuatorInput, type ActuatorOutput, isActuatorCommand } from '../actuator/input.ts';
import { decider } from '../decider/decider.ts';
import { type Stage, step } from '../stage.ts';
import { windower } from '../windower/windower.ts';

/** The first takes a hundred times as long as the tenth; all of them together some 40 ms. */
const rehearsals = 10;

const partition = 0;
const workload: WorkloadKey = 'rehearsal/workload';
const source = '/flyball/rehearsal';
const atMs = 1_767_225_600_000;
const secondMs = 1_000;

/** Through the log and back: spelled, read and checked; nothing of what could not be read. */
const throughLog = (event: FlyballEvent, seq: number): RecordedEvent[] => {
  const { body } = encodeEvent(event, chainStart);
  const decoded = decodeEvent(body, subjectOf(event), seq);
  return decoded.ok ? [decoded.event] : [];
};

const fact = <Name extends EventName>(
  type: Name,
  pen: Pen,
  data: EventDataByName[Name],
): FlyballEvent => {
  const cause = { id: `rehearsal:${type}`, atMs };
  return eventFrom({ type, pen, workload, partition, source, cause, data }) as AnyEvent;
};

const beginnings = (): readonly FlyballEvent[] => [
  fact('WorkloadAppeared', 'platform', {
    ...{ uid: 'rehearsal', createdAtMs: atMs, resourceVersion: '1' },
    ...{ replicas: 0, adopted: false },
  }),
  fact('PolicySet', 'policy', { policy: examplePolicy, layers: {}, warnings: [] }),
];

/** The batch in which an activator tells of its first request. */
const firstSample = (): FlyballEvent<'SamplesReported'> => ({
  ...{ id: 'rehearsal:1', type: 'SamplesReported', pen: 'samples', partition, source, atMs },
  data: {
    ...{ source: 'rehearsal', secondAtMs: atMs, partial: true, covered: [] },
    rows: {
      ...{ workloads: [workload], concurrencyMilli: [secondMs], requestsMilli: [0] },
      ...{ inFlight: [1], traceparents: [null] },
    },
  },
});

/** Folds what was before, then turns the crank on each input; gives what was said and asked for. */
const play = <Input, State, Output>(
  stage: Stage<Input, State, Output>,
  before: readonly Input[],
  inputs: readonly Input[],
): readonly Output[] => {
  let state = before.reduce(
    (folded, input) => stage.evolve(folded, input),
    stage.initialState(partition),
  );
  return inputs.flatMap((input) => {
    const stepped = step(stage, state, input);
    state = stepped.state;
    return [...stepped.outputs];
  });
};

const answerTo = (output: ActuatorOutput): readonly ActuatorInput[] =>
  output.type === 'ApplyScale'
    ? [
        {
          ...{ type: 'ScaleAnswered', command: output, atMs: atMs + secondMs },
          result: { ok: true, from: 0, resourceVersion: '2' },
        },
      ]
    : [];

/** One request at zero, from its sample to the scale; gives what the log would have of it. */
const rehearseOnce = (): readonly RecordedEvent[] => {
  let seq = 0;
  const inLog = (event: FlyballEvent): RecordedEvent[] => {
    seq += 1;
    return throughLog(event, seq);
  };
  const before = beginnings().flatMap(inLog);
  const sampled = decodeSamples(encodeUnchained(firstSample()), samplesSubject(partition), 1);
  const batches = sampled.ok ? [{ ...sampled.event, receivedAtMs: atMs }] : [];
  const pokes = play(windower, before, batches).flatMap(inLog);
  const decisions = play(decider, before, pokes).flatMap(inLog);
  const caughtUp: ActuatorInput[] = [...before, { type: 'CaughtUp', atMs }];
  const commands = play(actuator, caughtUp, decisions);
  const asked = [...caughtUp, ...decisions];
  const told = play(actuator, asked, commands.flatMap(answerTo)).flatMap((output) =>
    isActuatorCommand(output) ? [] : inLog(output),
  );
  return [...pokes, ...decisions, ...told];
};

/** Gives what the last round said, in order; nothing is kept of any. */
export const rehearse = (rounds: number = rehearsals): readonly RecordedEvent[] => {
  let said: readonly RecordedEvent[] = [];
  for (let round = 0; round < rounds; round += 1) said = rehearseOnce();
  return said;
};
