/** Asks a console for the traces that it keeps. */
import { tracesAnswerMsMax } from '@flyball/console/wire';
import { OutsideError } from '@flyball/contracts';
import { duration } from '@flyball/reading';
import type { TraceKind, TraceSummary } from '@flyball/telemetry/sink';
import type { z } from 'zod';
import { errorSchema, summariesSchema, type TraceAnswer, traceSchema } from './console-answers.ts';

/** A console that does not answer within this time is not well: its log has half as long. */
const answerWithinMs = 2 * tracesAnswerMsMax;

export interface TraceQuery {
  readonly workload?: string | undefined;
  readonly kind?: TraceKind | undefined;
  /** Only those that took at least this long. */
  readonly minMs?: number | undefined;
  /** At most so many; the newest. */
  readonly limit: number;
}

export interface ConsoleClient {
  readonly url: string;
  /** The newest first. */
  list(query: TraceQuery): Promise<readonly TraceSummary[]>;
  /** By its id or a beginning of it; a sentence when none of it is kept, or several are. */
  get(id: string): Promise<TraceAnswer | string>;
}

const unreachable = (url: string, why: string, cause?: unknown): OutsideError => {
  const message =
    `The console at ${url} ${why}. Check that it runs (\`flyball doctor\`), ` +
    'or name another one with --console URL.';
  return new OutsideError('CONSOLE_UNREACHABLE', message, { retriable: true, cause });
};

/** What is below fetch's own "fetch failed". */
const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
};

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A console that is silent may itself wait: for the log, which it reads beside the spans. */
const silentFor = (withinMs: number): string =>
  `does not answer within ${duration(withinMs)}: it is stuck, or the NATS behind it is`;

interface Asked {
  readonly url: string;
  readonly signal: AbortSignal;
  readonly withinMs: number;
}

const ask = async ({ url, signal, withinMs }: Asked, path: string): Promise<Answer> => {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  try {
    const answer = await fetch(new URL(path, url), { signal: limit, redirect: 'error' });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof SyntaxError) throw unreachable(url, 'does not answer as a console does');
    if (limit.aborted) throw unreachable(url, silentFor(withinMs), error);
    throw unreachable(url, `does not answer: ${reasonOf(error)}`, error);
  }
};

const okStatus = 200;
const notFound = 404;

const refusalIn = ({ status, body }: Answer): string => {
  const read = errorSchema.safeParse(body);
  return read.success ? read.data.error.message : `status ${status}`;
};

const read = <Value>(url: string, answer: Answer, schema: z.ZodType<Value>): Value => {
  if (answer.status !== okStatus) throw unreachable(url, `refuses: ${refusalIn(answer)}`);
  const told = schema.safeParse(answer.body);
  if (told.success) return told.data;
  const [issue] = told.error.issues;
  const where = `${issue?.path.join('.')}: ${issue?.message}`;
  throw unreachable(url, `is of a version that this one does not understand (${where})`);
};

const listPath = ({ workload, kind, minMs, limit }: TraceQuery): string => {
  const words = new URLSearchParams({ limit: String(limit) });
  if (workload !== undefined) words.set('workload', workload);
  if (kind !== undefined) words.set('kind', kind);
  if (minMs !== undefined) words.set('minMs', String(minMs));
  return `/api/traces?${words}`;
};

/** Its calls reject with CONSOLE_UNREACHABLE, also where one is not answered within `withinMs`. */
export const createConsoleClient = (
  url: string,
  signal: AbortSignal,
  withinMs: number = answerWithinMs,
): ConsoleClient => {
  const asked = { url, signal, withinMs };
  return {
    url,
    list: async (query) => read(url, await ask(asked, listPath(query)), summariesSchema),
    get: async (id) => {
      const answer = await ask(asked, `/api/traces/${encodeURIComponent(id)}`);
      return answer.status === notFound ? refusalIn(answer) : read(url, answer, traceSchema);
    },
  };
};
