/** Gets pages of metrics over kept connections, within bounds of time, size and number. */
import pLimit from 'p-limit';
import { Agent } from 'undici';

/** The text format whose times are milliseconds, which every exporter knows. */
const accept = 'text/plain; version=0.0.4; q=1, */*; q=0.1';
const keepAliveMs = 30_000;

export interface PageRequest {
  /** `http://address:port`. */
  readonly origin: string;
  readonly path: string;
  /** What to call the server where its address is not its name. */
  readonly host?: string;
  /** For the whole answer, from the moment that it is asked for. */
  readonly withinMs: number;
}

export type PageAnswer =
  | { readonly ok: true; readonly text: string }
  /** Why there is none, as a part of a sentence. */
  | { readonly ok: false; readonly reason: string };

export interface PageReader {
  /** Never rejects. */
  read(request: PageRequest): Promise<PageAnswer>;
  /** Pages that are being read or wait for their turn. */
  readonly depth: () => number;
  close(): Promise<void>;
}

export interface PageReaderOptions {
  /** Pages that are asked for at the same time; the others wait for their turn. */
  readonly atOnceMax: number;
  /** The longest page. */
  readonly bytesMax: number;
}

const reasonOf = (error: unknown, withinMs: number): string => {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'TimeoutError' ? `it took longer than ${withinMs} ms` : error.message;
};

/** Asks each server over one kept connection. Redirections are not followed. */
export const createPageReader = ({ atOnceMax, bytesMax }: PageReaderOptions): PageReader => {
  const agent = new Agent({
    connections: 1,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    maxResponseSize: bytesMax,
  });
  const turn = pLimit(atOnceMax);
  const get = async ({ origin, path, host, withinMs }: PageRequest): Promise<PageAnswer> => {
    try {
      const { statusCode, body } = await agent.request({
        origin,
        path,
        method: 'GET',
        headers: host === undefined ? { accept } : { accept, host },
        signal: AbortSignal.timeout(withinMs),
      });
      const text = await body.text();
      return statusCode === 200
        ? { ok: true, text }
        : { ok: false, reason: `it answered ${statusCode}` };
    } catch (error) {
      // Whatever it was, nobody was heard: that is not a zero.
      return { ok: false, reason: reasonOf(error, withinMs) };
    }
  };
  return {
    read: (request) => turn(() => get(request)),
    depth: () => turn.activeCount + turn.pendingCount,
    // Not `close`, which waits for servers that may never answer.
    close: () => agent.destroy(),
  };
};
