/** An explanation as lines for people. */
import type { ExplainedInput, ExplainedRule } from '@flyball/domain';
import { dateAndTime, duration, type Explanation } from '@flyball/reading';
import { columnLines } from '../output/columns.ts';
import { type InputUnits, inputWords } from '../output/explained-input.ts';
import type { Terminal } from '../output/terminal.ts';
import { shortTraceId } from '../traces/trace-table.ts';

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

type Told = Pick<ExplainedRule, 'rule' | 'from' | 'to' | 'why'>;

const moved = ({ from, to }: Told): string => {
  if (from === null) return String(to);
  return from === to ? `stays ${to}` : `${from} → ${to}`;
};

/** The rule that had the last say is marked. */
const ruleLines = (terminal: Terminal, rules: readonly Told[]): string[] => {
  const lines = columnLines(
    rules.map((rule, index) => {
      const isLast = index === rules.length - 1;
      return [`${isLast ? '▸' : ' '} ${rule.rule}`, moved(rule), rule.why];
    }),
  );
  return lines.map((line, index) =>
    index === lines.length - 1 ? terminal.styled(['bold', 'cyan'], line) : line,
  );
};

const inputLines = (inputs: readonly ExplainedInput[], units: InputUnits): string[] =>
  columnLines(inputs.map((input) => inputWords(input, units)).filter((row) => row !== undefined));

const decisionLines = (
  terminal: Terminal,
  { decision, namespace, name, sentence }: Explanation,
  units: InputUnits,
): string[] => {
  const { nowMs } = units;
  const workload = terminal.styled('bold', `${namespace}/${name}`);
  if (decision === null) return [`${workload}: ${sentence}`];
  const { headline, atMs, traceId, causationId, algorithm, routingReason, inputs, rules } =
    decision;
  const trace = traceId === null ? '' : `, trace ${shortTraceId(traceId)}`;
  const ago = duration(Math.max(0, nowMs - atMs));
  const at = `${dateAndTime(atMs, nowMs)} (${ago} ago)`;
  return [
    `${workload}: ${terminal.styled('bold', headline)}`,
    `  ${sentence}`,
    ...(routingReason === '' ? [] : [`  routing: ${routingReason}`]),
    terminal.styled('dim', `  decided ${at} at ${causationId}, algorithm ${algorithm}${trace}`),
    '',
    'Inputs',
    ...indent(inputLines(inputs, units)),
    '',
    'Rules',
    ...indent(ruleLines(terminal, rules)),
  ];
};

const average = (value: number | null): string =>
  value === null ? 'none' : String(Math.round(value * 100) / 100);

const sinceLines = (
  terminal: Terminal,
  { since, decision }: Explanation,
  nowMs: number,
): string[] => {
  if (since === null) return [];
  const { tickAtMs, stableAverage, panicAverage, seen, readyPods, startingPods } = since;
  const { replicas, holds, rules } = since;
  const answer =
    decision !== null && replicas === decision.to
      ? `It stays at ${replicas}: ${holds}`
      : `The rules answer ${replicas}: ${holds}`;
  const pods = `${readyPods} ready${startingPods > 0 ? `, ${startingPods} starting` : ''}`;
  return [
    '',
    `Since then (last looked ${dateAndTime(tickAtMs, nowMs)})`,
    `  averages: stable ${average(stableAverage)}, panic ${average(panicAverage)} (${seen}); ` +
      `pods: ${pods}`,
    ...indent(ruleLines(terminal, rules)),
    `  ${answer}`,
  ];
};

/** The decision, its inputs and rules, then what holds it where it is. */
export const explanationLines = (
  terminal: Terminal,
  explanation: Explanation,
  units: InputUnits,
): string[] => [
  ...decisionLines(terminal, explanation, units),
  ...sinceLines(terminal, explanation, units.nowMs),
];
