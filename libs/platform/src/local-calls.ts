/** Calls to the local-node: one pool, a deadline each, every failure an OutsideError. */
import { OutsideError } from '@flyball/contracts';
import { type Dispatcher, Pool } from 'undici';
import { z } from 'zod';
import { wireErrorSchema } from './wire.ts';

/** Calls at once on one client; more wait for a connection within their deadline. */
const localConnectionsMax = 32;

export interface LocalPlatformOptions {
  /** Where the local-node listens: `http://127.0.0.1:7070`. */
  readonly url: string;
  readonly token: string;
  /** A call without an answer fails after this; 2,000 by default. */
  readonly callTimeoutMs?: number;
}

interface LocalCall {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
}

export interface LocalCalls {
  /** The answer's JSON, checked; undefined for 404 on GET and DELETE. */
  readonly call: <Value>(call: LocalCall, answer: z.ZodType<Value>) => Promise<Value | undefined>;
  readonly close: () => Promise<void>;
}

const defaultCallTimeoutMs = 2_000;

export const authorization = (token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
});

/** What did not answer, and why, as an OutsideError. */
export const unreachable = (url: string, cause: unknown): OutsideError => {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  const message = `the local-node at ${url} did not answer: ${reason}`;
  return new OutsideError('PLATFORM_UNREACHABLE', message, { retriable: true, cause });
};

/** An answer that is an error: as it names itself, else by its status. */
export const refusalOf = (status: number, text: string): OutsideError => {
  const told = wireErrorSchema.safeParse(parseJson(text));
  if (told.success) {
    const { code, message, allowed, retriable } = told.data;
    return new OutsideError(code, `${message}; allowed: ${allowed}`, { retriable });
  }
  const retriable = status >= 500 || status === 429;
  const message = `the local-node answered ${status}: ${text.slice(0, 200)}`;
  return new OutsideError('PLATFORM_REFUSED', message, { retriable });
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const requestOptions = (call: LocalCall, token: string, timeoutMs: number) => ({
  method: call.method satisfies Dispatcher.HttpMethod,
  path: call.path,
  headers: {
    ...authorization(token),
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(call.traceparent === undefined ? {} : { traceparent: call.traceparent }),
  },
  ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  signal: AbortSignal.timeout(timeoutMs),
});

export const createLocalCalls = (options: LocalPlatformOptions): LocalCalls => {
  const { url, token, callTimeoutMs = defaultCallTimeoutMs } = options;
  const pool = new Pool(url, { connections: localConnectionsMax, pipelining: 1 });
  const request = async (call: LocalCall): Promise<{ status: number; text: string }> => {
    try {
      const answer = await pool.request(requestOptions(call, token, callTimeoutMs));
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (error) {
      throw unreachable(url, error);
    }
  };
  return {
    call: async (call, answer) => {
      const { status, text } = await request(call);
      const maybeMissing = call.method === 'GET' || call.method === 'DELETE';
      if (status === 404 && maybeMissing) return undefined;
      if (status >= 400) throw refusalOf(status, text);
      const parsed = answer.safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      const message = `${url}${call.path} answered what this version does not know`;
      throw new OutsideError('PLATFORM_REFUSED', `${message}: ${z.prettifyError(parsed.error)}`, {
        retriable: false,
      });
    },
    close: () => pool.close(),
  };
};
