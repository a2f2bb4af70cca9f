/** The table of a benchmark: each figure with its bar, Knative's, ours, the ratio, the verdict. */
import Table from 'cli-table3';
import type { EarlierFigures } from './earlier-run.ts';
import { type Measured, verdictOf } from './figure.ts';
import { type Summary, summarize } from './statistics.ts';

const none = '–';
const columnWidths = [46, 20, 22, 28, 8, 14];

/** Three digits that matter, never an exponent. */
export const shortNumber = (value: number): string => {
  if (!Number.isFinite(value)) return none;
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toFixed(size >= 10 ? 1 : 2);
};

const ours = (summary: Summary | undefined, unit: string): string => {
  if (summary === undefined) return none;
  const { count, p50, p99, max } = summary;
  if (count === 1) return `${shortNumber(p50)} ${unit}`;
  return `${[p50, p99, max].map(shortNumber).join(' / ')} ${unit} (${count})`;
};

const ratio = ({ figure }: Measured, summary: Summary | undefined): string =>
  figure.knativeP50 === undefined || summary === undefined
    ? none
    : `× ${shortNumber(summary.p50 / figure.knativeP50)}`;

/** How the median changed, in per cent; empty without an earlier one. */
const change = (
  { figure }: Measured,
  summary: Summary | undefined,
  earlier: EarlierFigures,
): string => {
  const before = summarize(earlier.get(figure.id) ?? []);
  if (before === undefined || summary === undefined) return none;
  const per = before.p50 === 0 ? Number.NaN : (summary.p50 / before.p50 - 1) * 100;
  const sign = per > 0 ? '+' : '';
  return `${shortNumber(before.p50)} → ${shortNumber(summary.p50)} (${sign}${shortNumber(per)} %)`;
};

/** Lines of text, without colours: it is read in terminals, logs and documents alike. */
export const figureTable = (
  measured: readonly Measured[],
  earlier: EarlierFigures | undefined,
): string => {
  const before = earlier === undefined ? [] : ['p50 before → now'];
  const table = new Table({
    head: ['figure', 'bar', 'reference', 'here p50 / p99 / max (n)', 'ratio', 'verdict', ...before],
    style: { head: [], border: [] },
    colWidths: [...columnWidths, ...before.map(() => 26)],
    wordWrap: true,
  });
  for (const one of measured) {
    const { figure, values } = one;
    const summary = summarize(values);
    table.push([
      figure.title,
      figure.bar === '' ? none : figure.bar,
      figure.knative === '' ? none : figure.knative,
      ours(summary, figure.unit),
      ratio(one, summary),
      verdictOf(one),
      ...(earlier === undefined ? [] : [change(one, summary, earlier)]),
    ]);
  }
  const notes = measured
    .filter(({ note }) => note !== undefined)
    .map(({ figure, note }) => `  ${figure.id}: ${note}`);
  return [table.toString(), ...notes].join('\n');
};
