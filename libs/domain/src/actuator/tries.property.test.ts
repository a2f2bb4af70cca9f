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
import type { ActuatorCommand, ActuatorInput } from './input.ts';
import { isActuatorCommand } from './input.ts';
import { type ActuatorState, actuatorSnapshot, actuatorStateFrom } from './state.ts';

const act = fc.oneof(
  fc.record({ kind: fc.constant('decide'), to: fc.nat(2), pods: fc.boolean() }),
  fc.record({ kind: fc.constant('wake') }),
  fc.record({ kind: fc.constant('drift'), to: fc.nat(2), isReadLate: fc.boolean() }),
  fc.record({ kind: fc.constant('seen'), to: fc.nat(2) }),
  fc.record({ kind: fc.constant('tick') }),
  fc.record({ kind: fc.constant('lose tail') }),
  fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(60, 4_000, 9_990, 25_000) }),
  fc.record({ kind: fc.constant('write') }),
  fc.record({ kind: fc.constant('answer'), as: fc.constantFrom('ok', 'ok', 'conflict', 'no') }),
  fc.record({ kind: fc.constant('restart'), fromSnapshot: fc.boolean() }),
);
type Act = typeof act extends fc.Arbitrary<infer One> ? One : never;

const resultOf = (as: string, resourceVersion: string) =>
  as === 'ok'
    ? ({ ok: true, from: 0, resourceVersion } as const)
    : { ok: false as const, code: 'PLATFORM_CONFLICT', message: 'no', retriable: as !== 'no' };

/** What the log says of the workload: not what is under way, nor what the platform shows. */
const logged = (state: ActuatorState) => {
  const { scaling, routingChanging, unexplained, wakeHeardAtMs, ...known } =
    state.workloads['default/web'] ?? {};
  return known;
};

const foldedFrom = (log: readonly RecordedEvent[]): ActuatorState =>
  log.reduce((state, event) => actuator.evolve(state, event), story().state());

/** The platform by its versions: each write has one of its own, whenever it is answered. */
const platform = () => {
  let version = 1;
  const doneAt = new Map<ActuatorCommand, number>();
  const writeOnce = (command: ActuatorCommand): string => {
    version += doneAt.has(command) ? 0 : 1;
    doneAt.set(command, doneAt.get(command) ?? version);
    return String(doneAt.get(command));
  };
  const writeOther = (): string => {
    version += 1;
    return String(version);
  };
  return { writeOnce, writeOther, newest: () => String(version) };
};

/** An owner, what the log has, and what is under way. */
const owner = () => {
  const log: RecordedEvent[] = [];
  let one = story();
  let underWay: ActuatorCommand[] = [];
  /** In the log, and read only after what is answered meanwhile. */
  let unread: RecordedEvent[] = [];
  const tell = (input: ActuatorInput): void => {
    for (const output of one.tell(input)) {
      if (isActuatorCommand(output)) underWay.push(output);
      else log.push({ ...output, seq: log.length } as RecordedEvent);
    }
  };
  const readOn = (): void => {
    const late = unread;
    unread = [];
    for (const event of late) tell(event);
  };
  const record = (event: RecordedEvent, isReadLate = false): void => {
    log.push(event);
    unread.push(event);
    if (!isReadLate) readOn();
  };
  const restart = (fromSnapshot: boolean, atMs: number): void => {
    readOn();
    // Who was under way is forgotten, and so is its answer.
    underWay = [];
    const kept = JSON.parse(JSON.stringify(actuatorSnapshot(one.state())));
    one = story(fromSnapshot ? actuatorStateFrom(kept, 0) : foldedFrom(log));
    tell({ type: 'CaughtUp', atMs });
  };
  const nextUnderWay = () => underWay[0];
  const answered = () => underWay.shift();
  return { log, state: () => one.state(), tell, readOn, record, restart, nextUnderWay, answered };
};

/** Plays a story, and gives the ids of all that was told of it, in order, and what is known. */
const play = (acts: readonly Act[]) => {
  const { log, state, tell, readOn, record, restart, nextUnderWay, answered } = owner();
  const { writeOnce, writeOther, newest } = platform();
  let nowMs = startMs;
  const answer = (as: string): void => {
    const command = answered();
    if (command === undefined) return;
    const result = resultOf(as, writeOnce(command));
    const type = command.type === 'ApplyScale' ? 'ScaleAnswered' : 'RoutingAnswered';
    tell({ type, command, atMs: nowMs, result } as ActuatorInput);
  };
  const playOne = (next: Act, id: string): void => {
    if (next.kind === 'decide') record(decided(id, next.to, next.pods ? 'pods' : 'activator'));
    else if (next.kind === 'wake') {
      record(wake(id, nowMs));
      tell(rang(nowMs));
    } else if (next.kind === 'drift') record(drifted(id, next.to, writeOther()), next.isReadLate);
    else if (next.kind === 'tick') record(through(nowMs));
    else if (next.kind === 'lose tail') record(truncated(id));
    else if (next.kind === 'pass') {
      nowMs += next.ms;
      tell(rang(nowMs));
    } else if (next.kind === 'seen') {
      const seen = { replicas: next.to, resourceVersion: newest() };
      tell({ type: 'ReplicasSeen', workload: 'default/web', ...seen });
    } else if (next.kind === 'write') {
      const command = nextUnderWay();
      if (command !== undefined) writeOnce(command);
    } else if (next.kind === 'answer') answer(next.as);
    else restart(next.fromSnapshot, nowMs);
  };
  for (const event of [policy({}), appeared]) record(event);
  tell(caughtUp);
  for (const [at, next] of acts.entries()) playOne(next, `${next.kind}${at + 1}`);
  readOn();
  const ids = log.filter(({ pen }) => pen === 'actions').map(({ id }) => id);
  return { ids, live: logged(state()), refolded: logged(foldedFrom(log)) };
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

// What the platform shows is believed only once the decider spoke: then the log does not have it.
it.each(['seen', 'tick'])(
  'another owner finds in the log what this one knows, no %s',
  (without) => {
    const acts = fc.array(
      act.filter(({ kind }) => kind !== without),
      { maxLength: 30, size: 'max' },
    );
    fc.assert(
      fc.property(acts, (told) => {
        const { live, refolded } = play(told);
        expect(refolded).toEqual(live);
      }),
      { seed: 5, numRuns: 20_000 },
    );
  },
);

const ok = { kind: 'answer', as: 'ok' } as const;
const drift = { kind: 'drift', isReadLate: false } as const;
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
  const ids = idsTold([zero, ok, { kind: 'wake' }, refused, { ...drift, to: 0 }, ok]);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});
