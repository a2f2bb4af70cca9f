/** The one table of all faults: what each cost, and how long it took to be over. */
import Table from 'cli-table3';
import type { FaultResult } from '../fault.ts';

const none = '–';

/** The value below which so many of them lie, 0 to 1; undefined without any. */
const quantile = (values: readonly number[], share: number): number | undefined => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};

const seconds = (ms: number | undefined): string =>
  ms === undefined ? none : (ms / 1_000).toFixed(2);

const lostOf = ({ lost, allowedLost }: FaultResult): string => {
  const told = Object.entries(lost).map(([how, count]) => `${count} ${how}`);
  if (told.length === 0) return '0';
  return `${told.join(', ')}${allowedLost > 0 ? ' (its own)' : ''}`;
};

const eventsOf = ({ eventsLost, eventsNamed, eventsDoubled }: FaultResult): string => {
  const named = eventsNamed > 0 ? ` (${eventsNamed} named)` : '';
  return `${eventsLost}${named} / ${eventsDoubled}`;
};

export const verdictOf = ({ problems, skipped }: FaultResult): 'ok' | 'FAILED' | 'not done' => {
  if (skipped !== undefined) return 'not done';
  return problems.length === 0 ? 'ok' : 'FAILED';
};

const rowOf = (result: FaultResult): string[] => {
  const { name, rounds, sent, moves, recoveryMs, coldStartMs } = result;
  const verdict = verdictOf(result);
  if (verdict === 'not done') return [name, ...Array.from({ length: 7 }, () => none), verdict];
  return [
    name,
    String(rounds),
    String(sent),
    lostOf(result),
    eventsOf(result),
    String(moves),
    `${seconds(quantile(recoveryMs, 0.5))} / ${seconds(quantile(recoveryMs, 0.99))}`,
    seconds(quantile(coldStartMs, 1)),
    verdict,
  ];
};

/** Lines of text without colours: it is read in terminals, logs and documents alike. */
export const faultTable = (results: readonly FaultResult[]): string => {
  const table = new Table({
    head: [
      'fault',
      'rounds',
      'requests',
      'lost',
      'events lost / doubled',
      'moves',
      'recovered p50 / p99, s',
      'cold start, s',
      'verdict',
    ],
    style: { head: [], border: [] },
    // Some seventy rows are read better without a line between each.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const result of results) table.push(rowOf(result));
  const notes = results.flatMap(({ name, problems, skipped }) => [
    ...(skipped === undefined ? [] : [`  ${name}: not done: ${skipped}`]),
    ...problems.map((problem) => `  ${name}: ${problem}`),
  ]);
  return [table.toString(), ...notes].join('\n');
};
