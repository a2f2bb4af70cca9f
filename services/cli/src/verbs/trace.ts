/** `trace`: lists what was traced, or shows one trace as a waterfall with the events beside it. */
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import { isRecorded, type Reader } from '@flyball/reading';
import type { TraceKind } from '@flyball/telemetry/sink';
import { type Context, exitCode } from '../context.ts';
import { sayUnknown } from '../output/unknown-workload.ts';
import { withReader } from '../reading/reader.ts';
import type { ConsoleClient } from '../traces/console-client.ts';
import { type ConsoleOptions, type OpenConsole, openConsole } from '../traces/open-console.ts';
import type { ShownTrace } from '../traces/shown-trace.ts';
import { shortTraceId, traceTable } from '../traces/trace-table.ts';
import { waterfallLines } from '../traces/waterfall-lines.ts';

export interface TraceOptions extends ConsoleOptions {
  /** An id or its beginning, an event's id, or `latest`; without it they are listed. */
  readonly id?: string | undefined;
  readonly workload?: WorkloadKey | undefined;
  readonly kind?: TraceKind | undefined;
  readonly slowerThanMs?: number | undefined;
  /** UTC ms: only those that began then or later. */
  readonly sinceMs?: number | undefined;
  readonly limit: number;
  readonly output: 'text' | 'json';
}

type Showing = Pick<Context, 'terminal' | 'signal'>;

/** Opens the log only when what is kept is not enough. */
export type ReadLog = (work: (reader: Reader) => Promise<number>) => Promise<number>;
type Asking = Showing & { readonly readLog: ReadLog };

/** What a console gives at most; what is older than `--since` is left out of it here. */
const listedMax = 1_000;

const listOf = async (client: ConsoleClient, options: TraceOptions) => {
  const { workload, kind, slowerThanMs: minMs, sinceMs, limit } = options;
  const asked = sinceMs === undefined ? limit : listedMax;
  const traces = await client.list({ workload, kind, minMs, limit: asked });
  return traces.filter(({ startMs }) => startMs >= (sinceMs ?? 0)).slice(0, limit);
};

const isFiltered = ({ workload, kind, slowerThanMs, sinceMs }: TraceOptions): boolean =>
  [workload, kind, slowerThanMs, sinceMs].some((given) => given !== undefined);

const noColdStart =
  'a request to a workload at zero makes one. Wait until `flyball get` says 0/0, send a request, ' +
  'and look again a few seconds later.';

/** Why there is nothing, and what to do. */
const emptySaid = ({ traces }: OpenConsole, options: TraceOptions): string => {
  if (traces === false) {
    return 'This Flyball runs without traces (--no-traces). Start it without that option.';
  }
  const { kind, workload, slowerThanMs, sinceMs } = options;
  if (kind === 'cold start' && slowerThanMs === undefined && sinceMs === undefined) {
    return `No cold start yet${workload === undefined ? '' : ` of ${workload}`}: ${noColdStart}`;
  }
  if (isFiltered(options)) return 'None of the kept traces is so; without options all are listed.';
  return (
    'Nothing has been traced yet. A request that finds no pod is, always, and of the others one ' +
    'in a hundred: send one, and look again a few seconds later.'
  );
};

/** Says what to do; resolves with whether the log knows the workload that was asked for. */
const sayNothingFound = async (
  { terminal, readLog }: Asking,
  open: OpenConsole,
  options: TraceOptions,
): Promise<boolean> => {
  const { workload } = options;
  let isKnown = true;
  if (workload !== undefined) {
    const search = async (reader: Reader): Promise<number> => {
      isKnown = await isRecorded(reader, workload);
      if (!isKnown) await sayUnknown(terminal, reader, workload);
      return exitCode.ok;
    };
    await readLog(search).catch((error: unknown) => {
      // Without a log nobody can tell whether there is such a workload.
      if (!(error instanceof OutsideError)) throw error;
    });
  }
  if (isKnown) terminal.note(emptySaid(open, options));
  return isKnown;
};

/** Prints the list; resolves with the exit code. */
const listTraces = async (
  context: Asking,
  open: OpenConsole,
  options: TraceOptions,
  nowMs: number,
): Promise<number> => {
  const { terminal } = context;
  const traces = await listOf(open.client, options);
  const isEmpty = traces.length === 0;
  if (options.output === 'json') terminal.line(JSON.stringify(traces, undefined, 2));
  else if (!isEmpty) for (const line of traceTable(terminal, traces, nowMs)) terminal.line(line);
  if (isEmpty && !(await sayNothingFound(context, open, options))) return exitCode.no;
  return exitCode.ok;
};

/** Prints one trace. */
const showTrace = (
  { terminal }: Pick<Showing, 'terminal'>,
  trace: ShownTrace,
  { output, nowMs }: { readonly output: 'text' | 'json'; readonly nowMs: number },
): void => {
  if (trace.source === 'log') {
    const said = 'No spans of it are kept (any more): this is what the log has of it.';
    terminal.note(said, 'yellow');
  }
  if (output === 'json') terminal.line(JSON.stringify(trace, undefined, 2));
  else for (const line of waterfallLines(terminal, trace, nowMs)) terminal.line(line);
};

/** The kept trace, or why there is none. */
const keptTrace = async (
  open: OpenConsole | OutsideError,
  id: string,
): Promise<ShownTrace | string> => {
  if (open instanceof OutsideError) return open.message;
  const told = await open.client.get(id);
  return typeof told === 'string' ? told : { ...told, source: 'console' };
};

/** Ids of events have colons, those of traces are hexadecimal. */
const isEventId = (id: string): boolean => id.includes(':');

/** From the log: a trace whose spans are kept no more, or by the id of an event. */
const searchLog = async (
  reader: Reader,
  open: OpenConsole | OutsideError,
  options: TraceOptions & { readonly id: string },
  signal: AbortSignal,
): Promise<ShownTrace | string> => {
  const { id, workload } = options;
  const search = { workload, signal };
  // Loaded only where it is needed: it brings the reading of OTLP along.
  const { findTraceOfEvent, findTraces, readRecordedTrace } = await import(
    '../traces/find-recorded.ts'
  );
  if (!isEventId(id)) {
    const found = await findTraces(reader, id, search);
    if (found.length > 1) {
      const some = found.slice(0, 3).map(({ traceId }) => shortTraceId(traceId));
      return `${found.length} recorded traces begin with ${id}: ${some.join(', ')} …`;
    }
    const recorded = found[0] && (await readRecordedTrace(reader, found[0], signal));
    return recorded ?? `Nor is one recorded among the newest events.`;
  }
  const found = await findTraceOfEvent(reader, id, search);
  if (found === undefined) return `No event ${id} of a trace is recorded.`;
  const kept = await keptTrace(open, found.traceId);
  if (typeof kept !== 'string') return kept;
  const recorded = await readRecordedTrace(reader, found, signal);
  return recorded ?? `The event ${id} is of the trace ${found.traceId}, and alone in it. ${kept}`;
};

const showOne = async (
  { terminal, signal, readLog }: Asking,
  open: OpenConsole | OutsideError,
  options: TraceOptions & { readonly id: string },
): Promise<number> => {
  const { output } = options;
  const nowMs = Date.now();
  const said: string[] = [];
  const accept = (found: ShownTrace | string): boolean => {
    if (typeof found === 'string') said.push(found);
    else showTrace({ terminal }, found, { output, nowMs });
    return typeof found !== 'string';
  };
  if (!isEventId(options.id) && accept(await keptTrace(open, options.id))) return exitCode.ok;
  const search = (reader: Reader) => searchLog(reader, open, options, signal);
  const code = await readLog(async (reader) =>
    accept(await search(reader)) ? exitCode.ok : exitCode.no,
  ).catch((error: unknown) => {
    // With a console alone (--console) there is no log to search; that is no reason to fail.
    const isLess = error instanceof OutsideError && !(open instanceof OutsideError);
    if (!isLess || isEventId(options.id)) throw error;
    said.push(`The log was not searched: ${error.message}`);
    return exitCode.no;
  });
  if (code === exitCode.no) {
    for (const one of said) terminal.note(one, 'red');
    terminal.note('`flyball trace` lists those that are kept, `flyball history` what is recorded.');
  }
  return code;
};

const showLatest = async (
  context: Asking,
  open: OpenConsole,
  options: TraceOptions,
): Promise<number> => {
  const [latest] = await listOf(open.client, { ...options, limit: 1 });
  if (latest !== undefined) return showOne(context, open, { ...options, id: latest.traceId });
  await sayNothingFound(context, open, options);
  return exitCode.no;
};

/** Lists or shows what is asked for; resolves with the exit code. */
export const traceWith = async (
  context: Asking,
  open: OpenConsole | OutsideError,
  options: TraceOptions,
): Promise<number> => {
  const { id } = options;
  if (id !== undefined && id !== 'latest') return showOne(context, open, { ...options, id });
  if (open instanceof OutsideError) throw open;
  if (id === 'latest') return showLatest(context, open, options);
  return listTraces(context, open, options, Date.now());
};

/** `flyball trace [ID]`. */
export const trace = async (context: Context, options: TraceOptions): Promise<number> => {
  const { terminal, env, signal } = context;
  const open = await openConsole(options, env, signal).catch((error: unknown) => {
    // What is recorded can be shown without it.
    if (error instanceof OutsideError && error.code === 'CONSOLE_UNREACHABLE') return error;
    throw error;
  });
  if (typeof open === 'string') {
    terminal.note(open, 'red');
    return exitCode.usage;
  }
  try {
    const readLog: ReadLog = (work) => withReader(context, options, work);
    return await traceWith({ terminal, signal, readLog }, open, options);
  } finally {
    if (!(open instanceof OutsideError)) await open.close();
  }
};
