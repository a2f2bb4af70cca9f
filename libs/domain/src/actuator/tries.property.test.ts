/** Whatever is decided, woken, answered or taken over: no name twice, and no owner knows other. */
import type { RecordedEvent } from '@flyball/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  appeared,
  caughtUp,
  decided,
  drifted,
  policy,
  rang,
  startMs,
  story,
  through,
  truncated,
  wake,
} from '../testing/actuator-story.ts';
import { actuator } from './actuator.ts';
import type { ActuatorCommand, ActuatorInput, ActuatorOutput } from './input.ts';
import { isActuatorCommand } from './input.ts';
import { type ActuatorState, actuatorSnapshot, actuatorStateFrom } from './state.ts';

const act = fc.oneof(
  fc.record({ kind: fc.constant('decide'), to: fc.nat(2), pods: fc.boolean() }),
  fc.record({ kind: fc.constant('wake') }),
  fc.record({ kind: fc.constant('drift'), to: fc.nat(2) }),
  fc.record({ kind: fc.constant('seen'), to: fc.nat(2) }),
  fc.record({ kind: fc.constant('tick') }),
  fc.record({ kind: fc.constant('lose tail') }),
  fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(60, 4_000, 9_990, 25_000) }),
  fc.record({ kind: fc.constant('answer'), as: fc.constantFrom('ok', 'ok', 'conflict', 'no') }),
  fc.record({ kind: fc.constant('restart'), fromSnapshot: fc.boolean() }),
);
type Act = typeof act extends fc.Arbitrary<infer One> ? One : never;

const resultOf = (as: string) =>
  as === 'ok'
    ? ({ ok: true, from: 0, resourceVersion: '2' } as const)
    : { ok: false as const, code: 'PLATFORM_CONFLICT', message: 'no', retriable: as !== 'no' };

/** What the log says of the workload: not what is under way, nor what the platform shows. */
const logged = (state: ActuatorState) => {
  const { scaling, routingChanging, unexplained, ...known } = state.workloads['default/web'] ?? {};
  return known;
};

const foldedFrom = (log: readonly RecordedEvent[]): ActuatorState =>
  log.reduce((state, event) => actuator.evolve(state, event), story().state());

/** Plays a story, and gives the ids of all that was told of it, in order, and what is known. */
const play = (acts: readonly Act[]) => {
  const log: RecordedEvent[] = [];
  const ids: string[] = [];
  let one = story();
  let nowMs = startMs;
  let count = 0;
  let underWay: ActuatorCommand[] = [];
  const taken = (outputs: readonly ActuatorOutput[]): void => {
    for (const output of outputs) {
      if (isActuatorCommand(output)) underWay.push(output);
      else {
        ids.push(output.id);
        log.push({ ...output, seq: log.length } as RecordedEvent);
      }
    }
  };
  const tell = (input: ActuatorInput): void => taken(one.tell(input));
  const record = (event: RecordedEvent): void => {
    log.push(event);
    tell(event);
  };
  const playOne = (next: Act): void => {
    count += 1;
    const id = `${next.kind}${count}`;
    if (next.kind === 'decide') record(decided(id, next.to, next.pods ? 'pods' : 'activator'));
    else if (next.kind === 'wake') record(wake(id, nowMs));
    else if (next.kind === 'drift') record(drifted(id, next.to));
    else if (next.kind === 'tick') record(through(nowMs));
    else if (next.kind === 'lose tail') record(truncated(id));
    else if (next.kind === 'pass') {
      nowMs += next.ms;
      tell(rang(nowMs));
    } else if (next.kind === 'seen') {
      const seen = { replicas: next.to, resourceVersion: String(count >> 2) };
      tell({ type: 'ReplicasSeen', workload: 'default/web', ...seen });
    } else if (next.kind === 'answer') {
      const [command, ...rest] = underWay;
      underWay = rest;
      if (command === undefined) return;
      const result = resultOf(next.as);
      const type = command.type === 'ApplyScale' ? 'ScaleAnswered' : 'RoutingAnswered';
      tell({ type, command, atMs: nowMs, result } as ActuatorInput);
    } else {
      // Who was under way is forgotten, and so is its answer.
      underWay = [];
      const kept = JSON.parse(JSON.stringify(actuatorSnapshot(one.state())));
      one = story(next.fromSnapshot ? actuatorStateFrom(kept, 0) : foldedFrom(log));
      tell({ ...caughtUp, atMs: nowMs } as ActuatorInput);
    }
  };
  for (const event of [policy({}), appeared]) record(event);
  tell(caughtUp);
  for (const next of acts) playOne(next);
  return { ids, live: logged(one.state()), refolded: logged(foldedFrom(log)) };
};

const idsTold = (acts: readonly Act[]): string[] => play(acts).ids;

it('no action is told twice', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40, size: 'max' }), (acts) => {
      const ids = idsTold(acts);
      expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    }),
    { seed: 5, numRuns: 20_000 },
  );
});

it('another owner finds in the log what this one knows', () => {
  const acts = fc.array(
    act.filter(({ kind }) => kind !== 'seen'),
    { maxLength: 30, size: 'max' },
  );
  fc.assert(
    fc.property(acts, (told) => {
      const { live, refolded } = play(told);
      expect(refolded).toEqual(live);
    }),
    { seed: 5, numRuns: 20_000 },
  );
});

const ok = { kind: 'answer', as: 'ok' } as const;
const zero = { kind: 'decide', to: 0, pods: false } as const;
/** At zero, which has been done under the name of its decision; then a wake is under way. */
const wakeUnderWay = [{ ...zero, to: 1 }, ok, ok, zero, ok, { kind: 'wake' }] as const;

it.each([
  ['a decision of zero that came meanwhile', [zero, ok]],
  [
    'the same, when its owner was replaced since',
    [zero, ok, { kind: 'restart' as const, fromSnapshot: false }],
  ],
  ['its own age', [{ kind: 'pass' as const, ms: 25_000 as const }, ok]],
])('a wake that is obeyed late, after %s, makes nothing be told twice', (_, then) => {
  const ids = idsTold([...wakeUnderWay, ...then, ok, ok]);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

it('a drift while a wake waits to be tried again leaves the wake its numbers', () => {
  const refused = { kind: 'answer', as: 'no' } as const;
  const ids = idsTold([zero, ok, { kind: 'wake' }, refused, { kind: 'drift', to: 0 }, ok]);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});
