/** Calls to one API server: shared connections, a deadline each, every failure a ClusterError. */
import {
  type Configuration,
  createConfiguration,
  type RequestContext,
  ResponseContext,
  ServerConfiguration,
  wrapHttpLibrary,
} from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { callNameOf } from './call-name.ts';
import { type ClusterError, outsideErrorOf, refusedAnswer } from './cluster-error.ts';
import { type CredentialSource, createCredentialSource, type Dispatchers } from './credentials.ts';
import { createThrottle } from './throttle.ts';

const defaultRequestTimeoutMs = 5_000;
/** An answer that is longer is not read to its end. */
const answerBytesMax = 67_108_864;

export interface ClusterCall {
  /** GET by default. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query: `/apis/apps/v1/deployments?limit=500`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the body; by default a merge patch for PATCH, else JSON. */
  readonly contentType?: string;
  /** JSON by default. */
  readonly accept?: string;
  /** W3C trace context, for an API server that tells traces of its own. */
  readonly traceparent?: string | undefined;
  /** Instead of the connection's own. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The bytes of a watch as they come. */
export interface WatchBody extends AsyncIterable<Buffer> {
  destroy(): void;
}

export interface ClusterAccess {
  /** Empty: all of them. */
  readonly namespaces: readonly string[];
  /** A typed API over the shared connections: `access.api(AppsV1Api)`; it throws ApiException. */
  api<Api>(kind: new (configuration: Configuration) => Api): Api;
  /** One call; resolves with the answer's JSON, rejects with ClusterError. */
  request<Answer>(call: ClusterCall): Promise<Answer>;
  /** Opens a watch; only its head has a deadline. `silenceMaxMs` without a byte ends it. */
  open(call: ClusterCall & { readonly silenceMaxMs: number }): Promise<WatchBody>;
  /** Ends every call and watch. */
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** A path; empty: the pod's service account, else what KUBECONFIG or the home says. */
  readonly kubeconfig: string;
  /** Of the kubeconfig; its current one where it is undefined. */
  readonly context?: string | undefined;
  readonly namespaces: readonly string[];
  /** A call without an answer fails after this; 5,000 by default. */
  readonly requestTimeoutMs?: number;
  /**
   * Told of every call once its head was answered, after `tookMs`; `code` is 0 where nothing
   * answered.
   */
  readonly onCall?: (verb: string, resource: string, code: number, tookMs: number) => void;
}

interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Dispatcher.ResponseData['body'];
}

interface Sending {
  readonly over: keyof Dispatchers;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** Longest time without a byte of the body; 0 is no limit. */
  readonly silenceMaxMs: number;
}

type Send = (sending: Sending) => Promise<Sent>;

const patchType = 'application/merge-patch+json';

/** Sends with the credentials of now, and tells what came of it. */
const createSend =
  (source: CredentialSource, onCall: ClusterOptions['onCall'], ending: AbortSignal): Send =>
  async ({ over, method, path, headers, body, signal, silenceMaxMs }) => {
    const startedMs = performance.now();
    const tell = (code: number): void => {
      const { verb, resource } = callNameOf(method, path);
      onCall?.(verb, resource, code, performance.now() - startedMs);
    };
    try {
      const credentials = await source.current();
      const answer = await credentials.dispatchers[over].request({
        origin: new URL(source.server).origin,
        path: new URL(source.server).pathname.replace(/\/$/, '') + path,
        method: method as Dispatcher.HttpMethod,
        headers: { 'user-agent': 'flyball', ...headers, ...credentials.headers },
        body: body ?? null,
        signal: AbortSignal.any([signal, ending]),
        bodyTimeout: silenceMaxMs,
      });
      tell(answer.statusCode);
      if (answer.statusCode === 401) source.distrust();
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    } catch (error) {
      tell(0);
      throw error;
    }
  };

const oneOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

const headersFor = (call: ClusterCall): Record<string, string> => {
  const { traceparent } = call;
  const traced = traceparent === undefined ? {} : { traceparent };
  const accept = { accept: call.accept ?? 'application/json', ...traced };
  if (call.body === undefined) return accept;
  const usual = call.method === 'PATCH' ? patchType : 'application/json';
  return { ...accept, 'content-type': call.contentType ?? usual };
};

const sendingOf = (
  call: ClusterCall,
  { signal, ...rest }: Pick<Sending, 'over' | 'signal' | 'silenceMaxMs'>,
): Sending => ({
  ...rest,
  method: call.method ?? 'GET',
  path: call.path,
  headers: headersFor(call),
  body: call.body === undefined ? undefined : JSON.stringify(call.body),
  signal: call.signal === undefined ? signal : AbortSignal.any([signal, call.signal]),
});

const whatOf = ({ method = 'GET', path }: ClusterCall): string => `${method} ${path}`;

const textOf = async (sent: Sent, what: string): Promise<string> => {
  const length = Number(oneOf(sent.headers['content-length']) ?? 0);
  if (length > answerBytesMax) {
    sent.body.destroy();
    throw new Error(`${what}: the answer has ${length} bytes; allowed: ${answerBytesMax}`);
  }
  return sent.body.text();
};

/** The head of an answer that is not an error. */
const accepted = async (sent: Sent, what: string): Promise<Sent> => {
  if (sent.status < 400) return sent;
  const retryAfter = oneOf(sent.headers['retry-after']);
  throw refusedAnswer({ status: sent.status, body: await textOf(sent, what), retryAfter }, what);
};

/** The typed APIs' way to the same connections. */
const configurationFor = (source: CredentialSource, send: Send, timeoutMs: number) => {
  const exchange = async (context: RequestContext): Promise<ResponseContext> => {
    const url = new URL(context.getUrl());
    const path = url.pathname.slice(new URL(source.server).pathname.replace(/\/$/, '').length);
    const limit = AbortSignal.timeout(timeoutMs);
    const given = context.getSignal();
    const what = `${context.getHttpMethod()} ${url.pathname}`;
    try {
      const sent = await send({
        over: 'calls',
        method: context.getHttpMethod(),
        path: path + url.search,
        headers: context.getHeaders(),
        body: context.getBody() as string | undefined,
        signal: given === undefined ? limit : AbortSignal.any([given, limit]),
        silenceMaxMs: timeoutMs,
      });
      const headers = Object.entries(sent.headers).map(([name, value]) => [name, oneOf(value)]);
      const text = await textOf(sent, what);
      return new ResponseContext(sent.status, Object.fromEntries(headers), {
        text: async () => text,
        binary: async () => Buffer.from(text),
        stream: () => null,
      });
    } catch (error) {
      throw outsideErrorOf(error, what);
    }
  };
  return createConfiguration({
    baseServer: new ServerConfiguration(source.server, {}),
    httpApi: wrapHttpLibrary({ send: exchange }),
  });
};

/** Over connections and credentials that are there; what `connectCluster` stands on. */
const accessOver = (
  source: CredentialSource,
  { namespaces, requestTimeoutMs = defaultRequestTimeoutMs, onCall }: ClusterOptions,
): ClusterAccess => {
  const closing = new AbortController();
  const send = createSend(source, onCall, closing.signal);
  const throttle = createThrottle();
  const configuration = configurationFor(source, send, requestTimeoutMs);
  const failure = (error: unknown, call: ClusterCall): ClusterError =>
    outsideErrorOf(error, whatOf(call));
  return {
    // Followed twice, what one of them drops the other would still have.
    namespaces: [...new Set(namespaces)],
    api: (kind) => new kind(configuration),
    request: async (call) => {
      const timeoutMs = call.timeoutMs ?? requestTimeoutMs;
      const startedMs = performance.now();
      await throttle.pass(whatOf(call), timeoutMs);
      try {
        const leftMs = Math.max(1, timeoutMs - Math.ceil(performance.now() - startedMs));
        const signal = AbortSignal.timeout(leftMs);
        const sending = sendingOf(call, { over: 'calls', signal, silenceMaxMs: leftMs });
        const sent = await accepted(await send(sending), whatOf(call));
        return JSON.parse(await textOf(sent, whatOf(call)));
      } catch (error) {
        throttle.note(error);
        throw failure(error, call);
      }
    },
    open: async (call) => {
      const head = new AbortController();
      const timer = setTimeout(
        () => head.abort(new Error(`no answer within ${call.timeoutMs ?? requestTimeoutMs} ms`)),
        call.timeoutMs ?? requestTimeoutMs,
      );
      try {
        const { silenceMaxMs } = call;
        const sending = sendingOf(call, { over: 'watches', signal: head.signal, silenceMaxMs });
        return (await accepted(await send(sending), whatOf(call))).body;
      } catch (error) {
        throw failure(error, call);
      } finally {
        clearTimeout(timer);
      }
    },
    close: async () => {
      closing.abort(new Error('the connection to the cluster was closed'));
      await source.close();
    },
  };
};

/** Connects when it is first used; rejects nothing before. FILE_UNREADABLE for the kubeconfig. */
export const connectCluster = (options: ClusterOptions): ClusterAccess =>
  accessOver(createCredentialSource(options.kubeconfig, options.context), options);
