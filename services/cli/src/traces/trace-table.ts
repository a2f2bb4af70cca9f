/** Traces as a table: which, when, of whom, how long and where the time went. */
import { dateAndTime, duration, oneLine } from '@flyball/reading';
import type { TraceSummary } from '@flyball/telemetry';
import { columnLines } from '../output/columns.ts';
import type { Terminal } from '../output/terminal.ts';
import { slowestPhase } from './slowest-phase.ts';

const heading = ['TRACE', 'STARTED', 'KIND', 'WORKLOAD', 'TOOK', 'SLOWEST PHASE', 'ERROR'];

/** Enough of an id to name it for a while. */
const idDigits = 8;
export const shortTraceId = (traceId: string): string => traceId.slice(0, idDigits);

const slowestSaid = ({ phases }: TraceSummary): string => {
  const slowest = slowestPhase(phases);
  return slowest === undefined ? '' : `${slowest.phase} ${duration(slowest.durationMs)}`;
};

/** What is none of the stories that are told by phases has a name besides: `other (replay)`. */
export const kindSaid = ({ kind, name }: TraceSummary): string =>
  kind === 'other' ? `${kind} (${oneLine(name)})` : kind;

/** In the order that is given. */
export const traceTable = (
  terminal: Terminal,
  traces: readonly TraceSummary[],
  nowMs: number,
): string[] => {
  const rows = traces.map((trace) => [
    terminal.styled('bold', shortTraceId(trace.traceId)),
    terminal.styled('dim', dateAndTime(trace.startMs, nowMs)),
    kindSaid(trace),
    oneLine(trace.workload ?? '-'),
    duration(trace.durationMs),
    slowestSaid(trace),
    trace.error === null ? '' : terminal.styled('red', oneLine(trace.error)),
  ]);
  const hasErrors = traces.some(({ error }) => error !== null);
  const all = [heading.map((name) => terminal.styled('dim', name)), ...rows];
  return columnLines(hasErrors ? all : all.map((row) => row.slice(0, -1)));
};
