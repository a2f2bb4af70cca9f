/** Asks the console for JSON, with a limit, and tells failures as sentences. */
import { answerMsMax, type ErrorAnswer } from '../../../src/wire.ts';
import type { Outcome } from './asking.ts';

/** Longer than any answer takes; a console that hangs is told like one that is gone. */
const answerLimitMs = answerMsMax + 5_000;

/** Why there is no answer. */
export interface Failure {
  /** Of the answer; null when there was none. */
  readonly status: number | null;
  readonly code: string;
  readonly message: string;
  readonly nearest: readonly string[];
}

export type Answer<Body> =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly failure: Failure };

/** What a failure says, but for the names that come near: those are shown as links. */
export const withoutNearest = ({ message, nearest }: Failure): string => {
  const meant = ` Did you mean ${nearest.join(', ')}?`;
  return nearest.length > 0 && message.endsWith(meant) ? message.slice(0, -meant.length) : message;
};

const unreachable: Failure = {
  status: null,
  code: 'GONE',
  message: 'The console does not answer. This page goes on trying.',
  nearest: [],
};

/** Whether the console itself is away; false also where nothing failed. */
export const isUnanswered = (failure: Failure | null): boolean =>
  failure !== null && failure.status === null;

const failureOf = async (response: Response): Promise<Failure> => {
  const { status } = response;
  try {
    const { error } = (await response.json()) as ErrorAnswer;
    return { status, code: error.code, message: error.message, nearest: error.nearest ?? [] };
  } catch {
    const message = `The console answered ${status} without saying why.`;
    return { status, code: String(status), message, nearest: [] };
  }
};

/** Never rejects, but for an abort by `signal`: whoever aborted wants no answer. */
export const fetchJson = async <Body>(
  address: string,
  signal: AbortSignal,
): Promise<Answer<Body>> => {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(answerLimitMs)]);
    const response = await fetch(address, { signal: limited });
    if (!response.ok) return { ok: false, failure: await failureOf(response) };
    return { ok: true, body: (await response.json()) as Body };
  } catch (error) {
    if (signal.aborted) throw error;
    return { ok: false, failure: unreachable };
  }
};

const badRequest = 400;

/** What comes of asking again: a question that cannot be taken never will be. */
export const outcomeOf = (answer: Answer<unknown>): Outcome =>
  answer.ok || answer.failure.status === badRequest ? 'answered' : 'failed';

/** An address with its query; what is null or empty is not asked. */
export const apiAddress = (
  parts: readonly string[],
  query: Readonly<Record<string, string | number | null>> = {},
): string => {
  const asked = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== '') asked.set(key, String(value));
  }
  const path = ['/api', ...parts.map(encodeURIComponent)].join('/');
  return asked.size === 0 ? path : `${path}?${asked}`;
};
