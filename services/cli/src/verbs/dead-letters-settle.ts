/** `dead-letters retry` and `drop`: what becomes of messages that were put aside. */
import {
  answersSubject,
  decodeEvent,
  decodeSamples,
  encodeUnchained,
  type FlyballEvent,
  samplesSubject,
} from '@flyball/contracts';
import { type EventLog, type EventStream, readPartitionCount } from '@flyball/event-log';
import type { Clock } from '@flyball/service';
import { type Context, exitCode } from '../context.ts';
import type { SourceOptions } from '../reading/log-source.ts';
import { withOperator } from '../reading/reader.ts';
import { bodyOfLetter, type OpenLetter, readOpenLetters } from './dead-letters-open.ts';

/** Letters by their ids, or all of them. */
export interface SettleOptions extends SourceOptions {
  readonly ids: readonly string[];
  readonly all: boolean;
}

/** What settling works with: the log as the operator, and who that is. */
export interface Operator {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly by: string;
}

/** What became of one letter, in a sentence; `done` is false when it stays as it is. */
interface Outcome {
  readonly done: boolean;
  readonly told: string;
}

type Settle = (operator: Operator, letter: OpenLetter) => Promise<Outcome>;

const answer = async (
  { log, clock, by }: Operator,
  { id, letterId, atMs, stage, partition }: OpenLetter,
  type: 'DeadLetterRetried' | 'DeadLetterDropped',
  tail: 'settled' | 'refold',
): Promise<void> => {
  const verb = type === 'DeadLetterRetried' ? 'retried' : 'dropped';
  const event: FlyballEvent<typeof type> = {
    // With the letter's time: DEADLETTERS made anew would give the same place again.
    id: `DEADLETTERS-${id}-${atMs}:${verb}`,
    ...{ type, partition, pen: 'answers', source: '/flyball/operator', atMs: clock.nowMs() },
    causationId: letterId,
    data: { letterId, letterSeq: Number(id), by },
  };
  const subject = answersSubject(partition, stage, tail);
  await log.deadLetters.append({ subject, id: event.id, body: encodeUnchained(event) });
};

const refused = (told: string): Outcome => ({ done: false, told });

/** The message as it is stored, where that is still the one that was put aside. */
const storedMessage = async (
  stream: EventStream,
  { seq, subject }: OpenLetter,
  kept: string,
): Promise<string | undefined> => {
  const stored = await stream.at(seq);
  const isSame = stored?.subject === subject && stored.body.startsWith(kept);
  return isSame ? stored.body : undefined;
};

/** SAMPLES have no fence and no history: the same batch once more is the same second. */
const sendAgain: Settle = async (operator, letter) => {
  const { samples } = operator.log;
  const kept = (await bodyOfLetter(operator.log, letter)) ?? '';
  const body = letter.truncated ? await storedMessage(samples, letter, kept) : kept;
  if (body === undefined) {
    return refused('only its beginning was kept, and SAMPLES have it no more: drop it');
  }
  const subject = samplesSubject(letter.partition);
  const partitionCount = await readPartitionCount(operator.log);
  const decoded = decodeSamples(body, subject, letter.seq, partitionCount);
  if (!decoded.ok) return refused(`it would be refused again: ${decoded.reason}`);
  await samples.append({ subject, id: `${letter.letterId}:again`, body });
  await answer(operator, letter, 'DeadLetterRetried', 'settled');
  return { done: true, told: `sent again to ${subject}` };
};

/** What is history lies where it was written: its stage reads it there again. */
const foldAnew =
  (stream: EventStream): Settle =>
  async (operator, letter) => {
    const kept = (await bodyOfLetter(operator.log, letter)) ?? '';
    const body = await storedMessage(stream, letter, kept);
    const { stage, subject, partition, seq } = letter;
    if (body === undefined) {
      return refused(`${stream.name} no longer has it at ${seq}: drop it`);
    }
    const partitionCount = await readPartitionCount(operator.log);
    const decoded = decodeEvent(body, subject, seq, partitionCount);
    if (!decoded.ok) return refused(`it would be refused again: ${decoded.reason}`);
    await answer(operator, letter, 'DeadLetterRetried', 'refold');
    return { done: true, told: `the ${stage} folds partition ${partition} anew` };
  };

const retry: Settle = (operator, letter) => {
  const { log } = operator;
  if (letter.stream === 'SAMPLES') return sendAgain(operator, letter);
  return foldAnew(letter.stream === 'MINUTES' ? log.minutes : log.events)(operator, letter);
};

const drop: Settle = async (operator, letter) => {
  await answer(operator, letter, 'DeadLetterDropped', 'settled');
  return { done: true, told: 'dropped' };
};

const settleLetters = async (
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
  operator: Operator,
  { ids, all }: Pick<SettleOptions, 'ids' | 'all'>,
  settle: Settle,
): Promise<number> => {
  const { letters } = await readOpenLetters(operator.log, signal);
  const byId = new Map(letters.map((letter) => [letter.id, letter]));
  const unknown = ids.filter((id) => !byId.has(id));
  if (unknown.length > 0) {
    const told = `There is no dead letter ${unknown.join(', ')}; nothing was done.`;
    terminal.note(`${told} \`flyball dead-letters\` lists them.`, 'red');
    return exitCode.no;
  }
  let allDone = true;
  for (const letter of all ? letters : ids.flatMap((id) => byId.get(id) ?? [])) {
    if (signal.aborted) return exitCode.interrupted;
    const { done, told } = await settle(operator, letter);
    allDone &&= done;
    if (done) terminal.line(`${letter.id}: ${told}`);
    else terminal.note(`${letter.id}: ${told}`, 'red');
  }
  if (all && letters.length === 0) terminal.note('There are no dead letters.');
  return allDone ? exitCode.ok : exitCode.no;
};

type Settling = (
  context: Pick<Context, 'terminal' | 'signal'>,
  operator: Operator,
  options: Pick<SettleOptions, 'ids' | 'all'>,
) => Promise<number>;

/** Lets the stages read letters again; resolves with the exit code. */
export const retryLetters: Settling = (context, operator, options) =>
  settleLetters(context, operator, options, retry);

/** Lets letters go; resolves with the exit code. */
export const dropLetters: Settling = (context, operator, options) =>
  settleLetters(context, operator, options, drop);

const byMax = 256;

const asOperator = (
  context: Context,
  options: SettleOptions,
  settle: Settling,
): Promise<number> => {
  const by = (context.env.USER || context.env.LOGNAME || 'unknown').slice(0, byMax);
  return withOperator(context, options, ({ log, clock }) =>
    settle(context, { log, clock, by }, options),
  );
};

/** `flyball dead-letters retry ID…`. Rejects with NOT_RUNNING or NATS_… errors. */
export const retryDeadLetters = (context: Context, options: SettleOptions): Promise<number> =>
  asOperator(context, options, retryLetters);

/** `flyball dead-letters drop ID…`. Rejects with NOT_RUNNING or NATS_… errors. */
export const dropDeadLetters = (context: Context, options: SettleOptions): Promise<number> =>
  asOperator(context, options, dropLetters);
