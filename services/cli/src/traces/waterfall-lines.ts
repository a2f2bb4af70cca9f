/** A trace as lines for people: its spans as a tree with bars, its links, its events. */
import { dateAndTime, oneLine } from '@flyball/reading';
import { attributeNames } from '@flyball/telemetry';
import type { ReceivedSpan } from '@flyball/telemetry/sink';
import { afterAnswer, type WaterfallRow, waterfall } from '@flyball/telemetry/waterfall';
import { columnLines } from '../output/columns.ts';
import type { Terminal } from '../output/terminal.ts';
import { phaseOf, spanStyle } from './phase-style.ts';
import type { ShownTrace } from './shown-trace.ts';
import { spanBar } from './span-bar.ts';
import { kindSaid, shortTraceId } from './trace-table.ts';

type Row = WaterfallRow<ReceivedSpan>;

const gap = '  ';
const labelMax = 36;
const serviceMax = 20;
const depthMax = 8;
/** Narrower bars say nothing. */
const barMin = 16;
/** Wider ones say no more. */
const barMax = 100;

/** Milliseconds with one decimal, so that columns of them can be compared. */
const inMs = (ms: number): string => ms.toFixed(1);

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

const replicasSaid = ({ attributes }: ReceivedSpan): string => {
  const { [attributeNames.from]: from, [attributeNames.to]: to } = attributes;
  if (to === undefined) return '';
  return ` ${oneLine(from === undefined ? `${to}` : `${from} → ${to}`)}`;
};

/** Spans may come from anybody on this machine: what they say is printed without its controls. */
const nameOf = (span: ReceivedSpan): string => phaseOf(span) ?? oneLine(span.name);

const labelOf = ({ span, depth }: Row): string => {
  const indent = '  '.repeat(Math.min(depth, depthMax));
  const said = `${nameOf(span)}${replicasSaid(span)}`;
  return cut(`${indent}${span.error === null ? '' : '✗ '}${said}`, labelMax);
};

const serviceOf = ({ service }: ReceivedSpan): string =>
  cut(oneLine(service.replace(/^flyball-/, '')), serviceMax);

/** Which columns there is room for. */
interface Layout {
  readonly hasService: boolean;
  /** 0: no bars. */
  readonly barWidth: number;
}

const layoutFor = (columns: number, numbersWidth: number, serviceWidth: number): Layout => {
  const barWidth = (taken: number): number => Math.min(columns - taken - gap.length, barMax);
  const withService = barWidth(numbersWidth + gap.length + serviceWidth);
  if (withService >= barMin) return { hasService: true, barWidth: withService };
  const without = barWidth(numbersWidth);
  return { hasService: false, barWidth: without >= barMin ? without : 0 };
};

const widest = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));

const axisLine = (totalMs: number, width: number): string => {
  const end = `${inMs(totalMs)} ms`;
  return `0${end.padStart(width - 1)}`;
};

const treeLines = (terminal: Terminal, rows: readonly Row[], totalMs: number): string[] => {
  const labels = ['SPAN', ...rows.map(labelOf)];
  const starts = ['AT', ...rows.map(({ offsetMs }) => inMs(offsetMs))];
  const tooks = ['TOOK', ...rows.map(({ durationMs }) => inMs(durationMs))];
  const services = ['BY', ...rows.map(({ span }) => serviceOf(span))];
  const [labelWidth, startWidth, tookWidth] = [widest(labels), widest(starts), widest(tooks)];
  const serviceWidth = widest(services);
  const numbers = labelWidth + startWidth + tookWidth + 2 * gap.length;
  const { hasService, barWidth } = layoutFor(terminal.columns, numbers, serviceWidth);
  return labels.map((label, index) => {
    const row = rows[index - 1];
    const bar = row === undefined ? axisLine(totalMs, barWidth) : barOf(row, totalMs, barWidth);
    const style = row === undefined ? 'dim' : spanStyle(row.span);
    const cells = [
      terminal.styled(style, label.padEnd(labelWidth)),
      (starts[index] ?? '').padStart(startWidth),
      (tooks[index] ?? '').padStart(tookWidth),
      ...(hasService ? [terminal.styled('dim', (services[index] ?? '').padEnd(serviceWidth))] : []),
      ...(barWidth > 0 ? [terminal.styled(style, bar)] : []),
    ];
    return cells.join(gap).trimEnd();
  });
};

const barOf = ({ offsetMs, durationMs }: Row, totalMs: number, width: number): string =>
  spanBar({ offsetMs, durationMs }, { totalMs, width });

/** What of a cold start is drawn beyond its request's end: nobody waited for it. */
const lateLines = (terminal: Terminal, { summary, spans }: ShownTrace): string[] => {
  const after = afterAnswer(summary, spans);
  if (after === undefined) return [];
  const names = [...new Set(after.spans.map(nameOf))].join(', ');
  return [terminal.styled('dim', `after the answer, until ${inMs(after.untilMs)} ms: ${names}`)];
};

const titleLines = (terminal: Terminal, trace: ShownTrace, nowMs: number): string[] => {
  const { summary } = trace;
  const { workload, startMs, durationMs, traceId, error } = summary;
  const of = workload === null ? '' : ` of ${oneLine(workload)}`;
  const at = dateAndTime(Math.floor(startMs), nowMs);
  const title = `${kindSaid(summary)}${of}, ${at}, ${inMs(durationMs)} ms`;
  return [
    terminal.styled('bold', title),
    terminal.styled('dim', `trace ${traceId}`),
    ...lateLines(terminal, trace),
    ...(error === null ? [] : [terminal.styled('red', oneLine(error))]),
  ];
};

const under = (terminal: Terminal, title: string, lines: readonly string[]): string[] =>
  lines.length === 0
    ? []
    : ['', terminal.styled('bold', title), ...lines.map((line) => `  ${line}`)];

const linkLines = (terminal: Terminal, rows: readonly Row[]): string[] =>
  columnLines(
    rows.flatMap(({ span }) =>
      span.links.map(({ traceId, spanId, attributes = {} }) => [
        nameOf(span),
        oneLine(`${attributes[attributeNames.link] ?? 'linked to'}`),
        `trace ${shortTraceId(traceId)} ${terminal.styled('dim', `span ${spanId}`)}`,
      ]),
    ),
  );

const errorLines = (terminal: Terminal, rows: readonly Row[]): string[] =>
  rows.flatMap(({ span }) =>
    span.error === null ? [] : [`${nameOf(span)}: ${terminal.styled('red', oneLine(span.error))}`],
  );

const eventLines = (
  terminal: Terminal,
  { events, eventsAway }: ShownTrace,
  startMs: number,
): string[] => [
  ...(eventsAway === null ? [] : [terminal.styled('red', oneLine(eventsAway))]),
  ...columnLines(
    events.map(({ atMs, type, sentence }) => {
      const offsetMs = atMs - startMs;
      const at = `${offsetMs < 0 ? '−' : '+'}${inMs(Math.abs(offsetMs))}`;
      return [terminal.styled('dim', at), oneLine(type), oneLine(sentence)];
    }),
  ),
];

/** As wide as the terminal is; offsets and durations in milliseconds. */
export const waterfallLines = (terminal: Terminal, trace: ShownTrace, nowMs: number): string[] => {
  const { rows, startMs, durationMs } = waterfall<ReceivedSpan>(trace.spans);
  return [
    ...titleLines(terminal, trace, nowMs),
    '',
    ...treeLines(terminal, rows, durationMs),
    ...under(terminal, 'Errors', errorLines(terminal, rows)),
    ...under(terminal, 'Links', linkLines(terminal, rows)),
    ...under(terminal, 'Events of the log', eventLines(terminal, trace, startMs)),
  ];
};
