/** Workloads as a table for people. */
import { dateAndTime, duration, type ShownWorkload } from '@flyball/reading';
import { columnLines } from '../output/columns.ts';
import type { Terminal } from '../output/terminal.ts';

const head = [
  'NAMESPACE',
  'NAME',
  'READY',
  'MODE',
  'STABLE',
  'PANIC',
  'TARGET',
  'SCALE',
  'ROUTING',
  'DATA',
  'LAST DECISION',
];

const none = '-';
/** Data older than this is marked: three ticks were missed. */
const staleMs = 6_000;

/** So that the columns do not jump from second to second. */
const ageWidth = '999 ms'.length;

const average = (value: number | null): string =>
  value === null ? none : String(Math.round(value * 100) / 100);

const bounds = ({ minScale, maxScale }: ShownWorkload): string =>
  minScale === null ? none : `${minScale}..${maxScale === 0 ? '' : maxScale}`;

const data = (terminal: Terminal, { dataAgeMs, seen }: ShownWorkload): string => {
  if (dataAgeMs === null) return none;
  const age = `${duration(dataAgeMs).padEnd(ageWidth)}${seen === 'blind' ? ' blind' : ''}`;
  return dataAgeMs > staleMs || seen === 'blind' ? terminal.styled('red', age) : age;
};

const ready = (terminal: Terminal, { readyReplicas, desiredReplicas }: ShownWorkload): string => {
  const text = `${readyReplicas}/${desiredReplicas}`;
  return readyReplicas === desiredReplicas ? text : terminal.styled('yellow', text);
};

const last = ({ lastDecision }: ShownWorkload, nowMs: number): string => {
  if (lastDecision === null) return none;
  const { atMs, from, to } = lastDecision;
  const moved = from === to ? `stays ${to}` : `${from ?? 'new'} → ${to}`;
  return `${moved}  ${dateAndTime(atMs, nowMs)}`;
};

const cells = (terminal: Terminal, workload: ShownWorkload, nowMs: number): string[] => [
  workload.namespace,
  workload.name,
  ready(terminal, workload),
  workload.mode === 'panic' ? terminal.styled(['bold', 'red'], 'panic') : workload.mode,
  average(workload.stableAverage),
  average(workload.panicAverage),
  workload.target === null ? none : String(workload.target),
  bounds(workload),
  workload.routing ?? none,
  data(terminal, workload),
  last(workload, nowMs),
];

/** A head and a line for each. READY is ready/desired; SCALE is min..max. */
export const workloadTable = (
  terminal: Terminal,
  workloads: readonly ShownWorkload[],
  nowMs: number,
): string[] =>
  columnLines([
    head.map((title) => terminal.styled('bold', title)),
    ...workloads.map((workload) => cells(terminal, workload, nowMs)),
  ]);
