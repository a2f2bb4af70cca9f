/** `dead-letters`: the messages that stages put aside, in a table or one in full. */
import { counted, dateAndTime, duration, oneLine, type Reader } from '@flyball/reading';
import { type Context, exitCode } from '../context.ts';
import { columnLines } from '../output/columns.ts';
import { type ReadingOptions, withReader } from '../reading/reader.ts';
import { bodyOfLetter, type OpenLetter, readOpenLetters } from './dead-letters-open.ts';

type Told = Pick<Context, 'terminal' | 'signal'>;

/** Of a reason, what a table shows. */
const reasonMax = 120;
const dayMs = 86_400_000;

const ageOf = (ageMs: number): string =>
  ageMs < dayMs ? duration(Math.max(0, ageMs)) : counted(Math.floor(ageMs / dayMs), 'day');

const shortReason = (reason: string): string => {
  const line = oneLine(reason);
  return line.length <= reasonMax ? line : `${line.slice(0, reasonMax - 1)}…`;
};

const rowOf = (letter: OpenLetter, nowMs: number): readonly string[] => [
  letter.id,
  ageOf(nowMs - letter.atMs),
  letter.stage,
  String(letter.partition),
  `${letter.stream} ${letter.seq} ${oneLine(letter.subject)}`,
  shortReason(letter.reason),
];

const heading = ['ID', 'AGE', 'STAGE', 'PARTITION', 'FROM', 'REASON'];

/** Lists what `reader` gives, newest last; resolves with the exit code. */
export const showDeadLetters = async (
  { terminal, signal }: Told,
  reader: Reader,
  { output }: Pick<ReadingOptions, 'output'>,
): Promise<number> => {
  const { letters, unread } = await readOpenLetters(reader.log, signal);
  if (unread > 0) {
    const told = `${counted(unread, 'message')} of DEADLETTERS cannot be read by this version.`;
    terminal.note(told, 'yellow');
  }
  if (output === 'json') {
    terminal.line(JSON.stringify(letters, undefined, 2));
    return exitCode.ok;
  }
  if (letters.length === 0) {
    terminal.note('There are no dead letters.');
    return exitCode.ok;
  }
  const nowMs = reader.clock.nowMs();
  for (const line of columnLines([heading, ...letters.map((one) => rowOf(one, nowMs))])) {
    terminal.line(line);
  }
  return exitCode.ok;
};

export interface DeadLetterOptions extends ReadingOptions {
  readonly id: string;
}

/** Shows one in full; resolves with the exit code. */
export const showDeadLetter = async (
  { terminal, signal }: Told,
  reader: Reader,
  { id, output }: Pick<DeadLetterOptions, 'id' | 'output'>,
): Promise<number> => {
  const { letters } = await readOpenLetters(reader.log, signal);
  const letter = letters.find((one) => one.id === id);
  if (letter === undefined) {
    const told = `There is no dead letter ${id}: \`flyball dead-letters\` lists those there are.`;
    terminal.note(told, 'red');
    return exitCode.no;
  }
  const body = (await bodyOfLetter(reader.log, letter)) ?? '';
  if (output === 'json') {
    terminal.line(JSON.stringify({ ...letter, body }, undefined, 2));
    return exitCode.ok;
  }
  const kept = letter.truncated ? ` (its first ${body.length} characters)` : '';
  const rows = [
    ['put aside', `${dateAndTime(letter.atMs, reader.clock.nowMs())} by ${letter.stage}`],
    ['partition', String(letter.partition)],
    ['from', `${letter.stream} ${letter.seq} ${oneLine(letter.subject)}`],
    ['reason', `${letter.code}: ${oneLine(letter.reason)}`],
    [`message${kept}`, oneLine(body)],
  ];
  for (const line of columnLines(rows)) terminal.line(line);
  return exitCode.ok;
};

/** `flyball dead-letters`. */
export const deadLetters = (context: Context, options: ReadingOptions): Promise<number> =>
  withReader(context, options, (reader) => showDeadLetters(context, reader, options));

/** `flyball dead-letters show ID`. */
export const deadLetter = (context: Context, options: DeadLetterOptions): Promise<number> =>
  withReader(context, options, (reader) => showDeadLetter(context, reader, options));
