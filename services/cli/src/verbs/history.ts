/** `history`: the events of a workload, one line each, also as they come. */
import { decodeEvent, partitionOf, type WorkloadKey, workloadFilter } from '@flyball/contracts';
import type { StoredMessage } from '@flyball/event-log';
import { isRecorded, oneLine, type Reader, readWhole, tracedIn } from '@flyball/reading';
import { type Context, exitCode } from '../context.ts';
import { eventLine } from '../output/event-line.ts';
import type { Terminal } from '../output/terminal.ts';
import { sayUnknown } from '../output/unknown-workload.ts';
import { type ReadingOptions, withReader } from '../reading/reader.ts';
import { shortTraceId } from '../traces/trace-table.ts';

export interface HistoryOptions extends ReadingOptions {
  readonly workload: WorkloadKey;
  /** Only what happened at or after this moment, UTC ms. */
  readonly sinceMs?: number | undefined;
  /** Goes on with what comes, until Ctrl-C. */
  readonly follow: boolean;
}

/** One event as a line: time in the reader's zone, name, sentence, and the trace that it is in. */
const historyLine = (terminal: Terminal, message: StoredMessage, nowMs: number): string => {
  const decoded = decodeEvent(message.body, message.subject, message.seq);
  if (!decoded.ok) {
    const unread = `${message.subject} at ${message.seq} cannot be read: ${decoded.reason}`;
    return terminal.styled('red', oneLine(unread));
  }
  const traceId = tracedIn(decoded.event);
  const trace = traceId === null ? '' : `  trace ${shortTraceId(traceId)}`;
  return `${eventLine(terminal, decoded.event, nowMs)}${terminal.styled('dim', trace)}`;
};

const timeOfBody = (body: string): number => {
  const document = JSON.parse(body) as { readonly time?: unknown };
  return typeof document.time === 'string' ? Date.parse(document.time) : Number.NaN;
};

/** Unreadable ones are shown rather than hidden. */
const isBefore = ({ body }: StoredMessage, sinceMs: number | undefined): boolean => {
  if (sinceMs === undefined) return false;
  try {
    return timeOfBody(body) < sinceMs;
  } catch {
    return false;
  }
};

/** Prints the history found in `reader`; resolves with the exit code. */
export const showHistory = async (
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
  reader: Reader,
  options: HistoryOptions,
): Promise<number> => {
  const { workload, sinceMs, follow, output } = options;
  if (!(await isRecorded(reader, workload))) {
    await sayUnknown(terminal, reader, workload);
    return exitCode.no;
  }
  const filter = workloadFilter(partitionOf(workload, reader.partitionCount), workload);
  const { events } = reader.log;
  const from = { filter, afterSeq: 0, signal };
  for await (const batch of follow ? events.read(from) : readWhole(events, from)) {
    for (const message of batch) {
      if (isBefore(message, sinceMs)) continue;
      const line =
        output === 'json' ? message.body : historyLine(terminal, message, reader.clock.nowMs());
      terminal.line(line);
    }
  }
  return exitCode.ok;
};

/** `flyball history NS/NAME`. */
export const history = (context: Context, options: HistoryOptions): Promise<number> =>
  withReader(context, options, (reader) => showHistory(context, reader, options));
