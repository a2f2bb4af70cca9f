/** One collection as an API server would serve it, with the faults that a test asks for. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStoredCollection, type StoredObject } from './stored-collection.ts';
import { writeTestKubeconfig } from './test-kubeconfig.ts';

/** A listing, a further page of one, a watch. */
type Asked = 'list' | 'page' | 'watch';

interface Failure {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of an answer: the socket is reset. */
  readonly reset?: boolean;
}

export interface CollectionServer extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** Requests so far. */
  readonly asked: Readonly<Record<Asked, number>>;
  write(name: string, data: string): void;
  remove(name: string): void;
  /** Open watches. */
  watches(): number;
  endWatches(): void;
  resetWatches(): void;
  /** Bytes to every watch, whatever they are. */
  say(text: string): void;
  bookmark(): void;
  /** The next requests of that kind fail so, one each. */
  fail(asked: Asked, ...failures: readonly Failure[]): void;
  /** Older versions are forgotten: told by an answer, or by an event of a watch that was taken. */
  compact(by: 'answer' | 'event'): void;
  /** What is written meanwhile is told to no open watch. */
  muffle(muffled: boolean): void;
  /** Another history begins, as from a backup: versions are small again. */
  startOver(objects: Readonly<Record<string, string>>): void;
  /** No request is answered, nor ended. */
  freeze(frozen: boolean): void;
}

const firstVersion = 1_000;

const statusBody = (code: number): object => ({
  ...{ kind: 'Status', status: 'Failure', code },
  message: `a fault ${code} of the test`,
});

const answer = (response: ServerResponse, { status, headers, reset }: Failure): void => {
  if (reset === true) {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(statusBody(status)));
};

const askedBy = ({ searchParams }: URL): Asked => {
  if (searchParams.get('watch') === 'true') return 'watch';
  return searchParams.has('continue') ? 'page' : 'list';
};

interface Serving {
  collection: ReturnType<typeof createStoredCollection>;
  expiredBy: 'answer' | 'event';
  isMuffled: boolean;
  isFrozen: boolean;
  readonly pageMax: number;
  readonly watches: Set<ServerResponse>;
  readonly asked: Record<Asked, number>;
  readonly failures: Record<Asked, Failure[]>;
}

const bookmarkAt = (version: number): string => {
  const metadata = { resourceVersion: String(version) };
  return `${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`;
};

const watch = (serving: Serving, { searchParams }: URL, response: ServerResponse): void => {
  const { collection, expiredBy, watches } = serving;
  const from = Number(searchParams.get('resourceVersion'));
  const isExpired = from < collection.forgottenBefore();
  if (isExpired && expiredBy === 'answer') {
    answer(response, { status: 410 });
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (isExpired) {
    response.end(`${JSON.stringify({ type: 'ERROR', object: statusBody(410) })}\n`);
    return;
  }
  for (const line of collection.linesAfter(from)) response.write(line);
  // A server sends one each minute; it matters to whoever asks for what this history has not had.
  if (from > collection.version()) response.write(bookmarkAt(collection.version()));
  watches.add(response);
  response.on('close', () => watches.delete(response));
};

const take = (serving: Serving, request: IncomingMessage, response: ServerResponse): void => {
  const url = new URL(request.url ?? '/', 'http://cluster');
  const asked = askedBy(url);
  serving.asked[asked] += 1;
  if (serving.isFrozen) return;
  const failure = serving.failures[asked].shift();
  if (failure !== undefined) answer(response, failure);
  else if (asked === 'watch') watch(serving, url, response);
  else {
    const limit = url.searchParams.get('limit');
    const count = limit === null ? Number.MAX_SAFE_INTEGER : Math.min(+limit, serving.pageMax);
    const body = serving.collection.page(count, url.searchParams.get('continue') ?? '');
    if (body === undefined) answer(response, { status: 410 });
    else response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  }
};

type Hands = Omit<CollectionServer, 'kubeconfig' | typeof Symbol.asyncDispose>;

const handsOf = (serving: Serving): Hands => {
  const { watches, asked, failures } = serving;
  const say = (text: string | undefined): void => {
    for (const one of watches) if (text !== undefined) one.write(text);
  };
  const tell = (line: string | undefined): void => say(serving.isMuffled ? undefined : line);
  const leave = (end: (watch: ServerResponse) => void): void => {
    for (const one of watches) end(one);
    watches.clear();
  };
  return {
    get objects() {
      return serving.collection.objects;
    },
    asked,
    write: (name, data) => tell(serving.collection.put(name, data)),
    remove: (name) => tell(serving.collection.drop(name)),
    watches: () => watches.size,
    endWatches: () => leave((one) => one.end()),
    resetWatches: () => leave((one) => one.socket?.resetAndDestroy()),
    say,
    bookmark: () => say(bookmarkAt(serving.collection.version())),
    fail: (kind, ...more) => void failures[kind].push(...more),
    compact: (by) => {
      serving.expiredBy = by;
      serving.collection.forget();
    },
    muffle: (muffled) => {
      serving.isMuffled = muffled;
    },
    startOver: (objects) => {
      serving.collection = createStoredCollection(1);
      for (const [name, data] of Object.entries(objects)) serving.collection.put(name, data);
    },
    freeze: (frozen) => {
      serving.isFrozen = frozen;
    },
  };
};

/** Pages hold as many as are asked for, at most `pageMax`. */
export const startCollectionServer = async (pageMax = 500): Promise<CollectionServer> => {
  const serving: Serving = {
    collection: createStoredCollection(firstVersion),
    ...{ expiredBy: 'answer', isMuffled: false, isFrozen: false, pageMax },
    watches: new Set(),
    asked: { list: 0, page: 0, watch: 0 },
    failures: { list: [], page: [], watch: [] },
  };
  const server = createServer((request, response) => take(serving, request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const kubeconfig = await writeTestKubeconfig((server.address() as AddressInfo).port);
  return Object.assign(handsOf(serving), {
    kubeconfig: kubeconfig.path,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      kubeconfig.remove();
    },
  });
};
