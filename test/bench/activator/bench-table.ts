/** What the activator's benchmark says: figures beside their bars, and how it was measured. */
import Table from 'cli-table3';

export type BenchVerdict = 'met' | 'MISSED' | 'not measured';

export interface BenchRow {
  /** Names it in the JSON file. */
  readonly id: string;
  readonly figure: string;
  readonly bar: string;
  /** Ours and the reference's, as people read it. */
  readonly measured: string;
  /** What the bar is about: a median of same-round ratios, or milliseconds; null: not measured. */
  readonly value: number | null;
  /** The same of every round. */
  readonly values: readonly number[];
  readonly verdict: BenchVerdict;
}

export interface BenchTable {
  readonly rows: readonly BenchRow[];
  /** How it was measured, what is missing and how to get it: one line each. */
  readonly notes: readonly string[];
}

const columnWidths = [46, 10, 34, 18, 14];
const none = '–';

const spread = ({ value, values }: BenchRow): string => {
  if (value === null) return none;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${value.toFixed(2)} [${least.toFixed(2)}, ${most.toFixed(2)}]`;
};

/** The table as text, without colours, and its notes below. */
export const formatBenchTable = ({ rows, notes }: BenchTable): string => {
  const table = new Table({
    head: ['figure', 'bar', 'measured', 'median [range]', 'verdict'],
    style: { head: [], border: [] },
    colWidths: columnWidths,
    wordWrap: true,
  });
  for (const row of rows) {
    table.push([row.figure, row.bar, row.measured, spread(row), row.verdict]);
  }
  return [table.toString(), ...notes].join('\n');
};
