/** What a new owner makes of the log is what the one before it knew. */
import type { RecordedEvent } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import {
  accepted,
  answeredAs,
  appeared,
  decided,
  failed,
  policy,
  rang,
  scaleOf,
  seen,
  startMs,
  story,
  through,
  wake,
} from '../testing/actuator-story.ts';
import type { ActuatorInput, ActuatorOutput } from './input.ts';
import { deciderSilentMs, decisionLateMs, wakeKeptMs } from './input.ts';

/** When the first wake is asked for: the decider is silent by then. */
const wokenMs = startMs + deciderSilentMs + 1;
const second = 1_000;
const catchUp: ActuatorInput = { type: 'CaughtUp', atMs: wokenMs };

/** An owner whose history is written down, and a look at what another would make of it. */
const owner = () => {
  const log: RecordedEvent[] = [];
  const { tell, state, told } = story();
  const record = (event: RecordedEvent): ActuatorOutput[] => {
    log.push(event);
    return tell(event);
  };
  const answer = (input: ActuatorInput): ActuatorOutput[] => {
    const outputs = tell(input);
    log.push(...outputs.filter((output) => 'pen' in output).map((one) => one as RecordedEvent));
    return outputs;
  };
  const known = () => state().workloads['default/web'];
  const takeOver = (atMs: number) => {
    const next = story();
    next.tell(...log);
    const refolded = next.state().workloads['default/web'];
    const commands = next.tell({ type: 'CaughtUp', atMs });
    return { refolded, scales: commands.filter(({ type }) => type === 'ApplyScale') };
  };
  return { tell, told: () => told, record, answer, known, takeOver };
};

/** At zero, as decided, with a wake under way. */
const woken = () => {
  const one = owner();
  for (const event of [policy({}), appeared, decided('d1', 0), through(startMs)]) one.record(event);
  one.tell(catchUp);
  one.record(wake('k1', wokenMs));
  const command = scaleOf(one.tell(rang(wokenMs)));
  return { ...one, command };
};

describe('a new owner', () => {
  it('keeps the pods of a wake that was long under way while more were asked for', () => {
    const { record, answer, known, takeOver, command } = woken();
    for (let atMs = wokenMs + second; atMs <= wokenMs + wakeKeptMs; atMs += second) {
      record(wake(`r${atMs}`, atMs));
    }
    const lateMs = wokenMs + wakeKeptMs + 200;
    record(wake('k2', lateMs));
    answer(accepted(command, lateMs + 100));
    expect(known()).toMatchObject({ observed: 1, target: { to: 1, because: 'woken' } });
    const { refolded, scales } = takeOver(lateMs + 200);
    expect(refolded).toMatchObject({ observed: 1, target: { to: 1, decisionId: 'k1' } });
    expect(scales).toEqual([]);
  });

  it('keeps the pods of a wake that was long under way when others asked later', () => {
    const { record, answer, known, takeOver, command } = woken();
    const lateMs = wokenMs + wakeKeptMs + 200;
    record(wake('k2', lateMs));
    expect(answer(accepted(command, lateMs + 100))).toHaveLength(1);
    expect(known()).toMatchObject({ observed: 1, target: { to: 1, decisionId: 'k1' } });
    const { refolded, scales } = takeOver(lateMs + 200);
    expect(refolded).toMatchObject({ observed: 1, target: { to: 1, decisionId: 'k1' } });
    expect(scales).toEqual([]);
  });

  it('keeps the pods of a wake that was heard just after the one before it was forgotten', () => {
    const one = owner();
    const begin = [policy({}), appeared, decided('d1', 0), through(wokenMs)];
    for (const event of begin) one.record(event);
    one.tell(catchUp);
    expect(one.record(wake('k1', wokenMs))).toEqual([]);
    one.tell(rang(wokenMs), rang(wokenMs + wakeKeptMs + 10));
    one.record(wake('k2', wokenMs + wakeKeptMs - 10));
    const command = scaleOf(one.tell(rang(wokenMs + wakeKeptMs + 20)));
    one.answer(accepted(command, wokenMs + wakeKeptMs + 30));
    expect(one.known()).toMatchObject({ observed: 1, target: { to: 1, because: 'woken' } });
    const { refolded, scales } = one.takeOver(wokenMs + wakeKeptMs + 40);
    expect(refolded?.target).toEqual(one.known()?.target);
    expect(scales).toEqual([]);
  });

  it('keeps the pods of a wake at a zero that the platform showed and no log knows', () => {
    const one = owner();
    for (const event of [policy({}), appeared, decided('d1', 1)]) one.record(event);
    one.answer(accepted(scaleOf(one.tell(catchUp))));
    one.record(decided('d2', 0));
    // Obeyed, and its answer lost: the scale that was under way is given up.
    one.answer(failed(scaleOf(one.told().slice(-1).flat()), 'PLATFORM_GONE', true, wokenMs));
    one.tell(seen(0, '3'));
    one.record(through(wokenMs));
    one.tell(rang(wokenMs + 1), rang(wokenMs + 1 + decisionLateMs));
    const silentMs = wokenMs + deciderSilentMs + 1;
    one.record(wake('k1', silentMs));
    const command = scaleOf(one.tell(rang(silentMs)));
    one.answer(answeredAs(command, '4', silentMs + 10));
    expect(one.known()).toMatchObject({ observed: 1, target: { to: 1, decisionId: 'k1' } });
    expect(one.takeOver(silentMs + 20).refolded?.target).toEqual(one.known()?.target);
    expect(one.takeOver(silentMs + 20).scales).toEqual([]);
  });

  it.each([
    ['a wake', ['k2']],
    ['no wake', []],
  ])(
    'follows a decision of zero that came after %s, while the first was under way',
    (_, others) => {
      const { record, answer, known, takeOver, command } = woken();
      const lateMs = wokenMs + wakeKeptMs + 200;
      for (const id of others) record(wake(id, lateMs));
      record(decided('d2', 0));
      record(wake('k3', lateMs + 10));
      const undo = scaleOf(answer(accepted(command, lateMs + 100)));
      expect(undo).toMatchObject({ to: 0, because: 'decided' });
      expect(takeOver(lateMs + 200).scales).toEqual([undo]);
      expect(takeOver(lateMs + 200).refolded?.target).toEqual(known()?.target);
    },
  );
});
