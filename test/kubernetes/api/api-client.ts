/** A small client of the API server for tests: shares no code with the platform that is tested. */
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher } from 'undici';
import { z } from 'zod';
import { readLines } from './read-lines.ts';

const answerLimitMs = 30_000;

/** Anything that the API server has stored; what is beyond this each reader parses itself. */
export const objectSchema = z.looseObject({
  kind: z.string().optional(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().default(''),
    uid: z.string().default(''),
    resourceVersion: z.string().default(''),
    annotations: z.record(z.string(), z.string()).default({}),
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
    deletionGracePeriodSeconds: z.number().optional(),
  }),
});
export type ApiObject = z.infer<typeof objectSchema>;

const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(objectSchema),
});
const watchSchema = z.object({ type: z.string(), object: z.looseObject({}) });

/** The API server refused; `status` is its HTTP status. */
export class ApiRefusal extends Error {
  readonly status: number;
  constructor(status: number, what: string, said: string) {
    super(`${what} was answered ${status}: ${said}`);
    this.status = status;
  }
}

/** Does this error mean that the object is not (or no longer) as the caller thought? */
export const isStale = (error: unknown): boolean =>
  error instanceof ApiRefusal && [404, 409, 422].includes(error.status);

export interface WatchOptions {
  /** Read after this position. */
  readonly resourceVersion: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onChange: (type: string, object: ApiObject) => void;
}

export interface ListAnswer {
  readonly items: readonly ApiObject[];
  readonly resourceVersion: string;
}

export type PatchKind = 'merge' | 'strategic' | 'apply';

export interface ApiClient {
  get(path: string): Promise<ApiObject>;
  list(path: string, query?: Readonly<Record<string, string>>): Promise<ListAnswer>;
  create(path: string, body: unknown): Promise<ApiObject>;
  patch(path: string, body: unknown, kind?: PatchKind): Promise<ApiObject>;
  delete(path: string, options?: unknown): Promise<void>;
  /** Resolves when the server ends the watch in order; rejects when it breaks. */
  watch(path: string, options: WatchOptions): Promise<void>;
  /** Any call; the body of the answer as text. */
  call(method: Dispatcher.HttpMethod, path: string, body?: unknown, type?: string): Promise<string>;
  close(): Promise<void>;
}

const patchTypes: Readonly<Record<PatchKind, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

const pageSize = 500;

interface Access {
  readonly origin: string;
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
}

const openAccess = async (kubeconfigPath: string): Promise<Access> => {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error(`${kubeconfigPath} names no current cluster.`);
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, rejectUnauthorized = true } = options;
  const trust = { ca, cert, key, rejectUnauthorized } as Agent.Options['connect'];
  // A watch is silent for as long as nothing happens.
  // Over HTTP/2 a connection that was idle for long ends with an error that nobody is given.
  const limits = { bodyTimeout: 0, connections: 64, allowH2: false };
  const agent = new Agent({ connect: trust ?? {}, ...limits });
  const headers = (options.headers ?? {}) as Record<string, string>;
  return { origin: server.replace(/\/$/, ''), agent, headers };
};

const withQuery = (path: string, query: Readonly<Record<string, string>>): string => {
  const text = new URLSearchParams({ ...query }).toString();
  return text === '' ? path : `${path}?${text}`;
};

const watchWith =
  ({ origin, agent, headers }: Access): ApiClient['watch'] =>
  async (path, { resourceVersion, query = {}, signal, onChange }) => {
    const asked = { ...query, watch: 'true', resourceVersion, allowWatchBookmarks: 'true' };
    const { statusCode, body } = await agent.request({
      ...{ origin, headers, signal, method: 'GET' },
      path: withQuery(path, asked),
    });
    if (statusCode !== 200) throw new ApiRefusal(statusCode, `WATCH ${path}`, await body.text());
    await readLines(body, (line) => {
      const { type, object } = watchSchema.parse(JSON.parse(line));
      if (type === 'ERROR') throw new ApiRefusal(410, `WATCH ${path}`, line);
      if (type !== 'BOOKMARK') onChange(type, objectSchema.parse(object));
    });
  };

/** Connects to the cluster that the kubeconfig at this path names. */
export const connectApi = async (kubeconfigPath: string): Promise<ApiClient> => {
  const access = await openAccess(kubeconfigPath);
  const { origin, agent, headers } = access;
  const call: ApiClient['call'] = async (method, path, body, type = 'application/json') => {
    const answer = await agent.request({
      ...{ origin, path, method },
      headers: { ...headers, 'content-type': type },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerLimitMs),
    });
    const text = await answer.body.text();
    if (answer.statusCode < 300) return text;
    throw new ApiRefusal(answer.statusCode, `${method} ${path}`, text.slice(0, 1_000));
  };
  const object = async (...asked: Parameters<typeof call>): Promise<ApiObject> =>
    objectSchema.parse(JSON.parse(await call(...asked)));
  const list: ApiClient['list'] = async (path, query = {}) => {
    const items: ApiObject[] = [];
    for (let more = ''; ; ) {
      const page = { ...query, limit: String(pageSize), ...(more !== '' && { continue: more }) };
      const { metadata, items: some } = listSchema.parse(
        JSON.parse(await call('GET', withQuery(path, page))),
      );
      items.push(...some);
      more = metadata.continue ?? '';
      if (more === '') return { items, resourceVersion: metadata.resourceVersion };
    }
  };
  return {
    call,
    list,
    get: (path) => object('GET', path),
    create: (path, body) => object('POST', path, body),
    patch: (path, body, kind = 'merge') => object('PATCH', path, body, patchTypes[kind]),
    delete: async (path, options) => void (await call('DELETE', path, options)),
    watch: watchWith(access),
    close: () => agent.destroy(),
  };
};
