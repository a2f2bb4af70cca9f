/** Gets pages of metrics over kept connections, within bounds of time, size and number. */
import type { Clock } from '@flyball/service';
import pLimit from 'p-limit';
import { createKeptConnections } from './kept-connections.ts';
import { createSilentPages, type Page } from './silent-pages.ts';

/** The text format whose times are milliseconds, which every exporter knows. */
const accept = 'text/plain; version=0.0.4; q=1, */*; q=0.1';
const keepAliveMs = 30_000;
/** With less of its time left than this part of it, one that answers would be taken for silent. */
const leastPart = 0.1;

export interface PageRequest {
  /** `http://address:port`. */
  readonly origin: string;
  readonly path: string;
  /** What to call the server where its address is not its name. */
  readonly host?: string;
  /** What cannot be told without it: its other pages may be silent too where one is. */
  readonly whole?: string;
  /** For the whole answer, from the moment that it is asked for; waiting for a turn is included. */
  readonly withinMs: number;
}

export type PageAnswer =
  | { readonly ok: true; readonly text: string }
  /** Why there is none, as a part of a sentence. */
  | { readonly ok: false; readonly reason: string };

/** A page by its place. */
export type PagePlace = Pick<PageRequest, 'origin' | 'path' | 'host'>;

export interface PageReader {
  /** Never rejects. */
  read(request: PageRequest): Promise<PageAnswer>;
  /** Whether it did not come in time when it was asked for last. */
  isSilent(place: PagePlace): boolean;
  /** Pages that are being read or wait for their turn, without those that are last in line. */
  readonly depth: () => number;
  close(): Promise<void>;
}

export interface PageReaderOptions {
  /** Pages that are asked for at the same time; the others wait for their turn. */
  readonly atOnceMax: number;
  /** The longest page. */
  readonly bytesMax: number;
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>;
}

const failed = (reason: string): PageAnswer => ({ ok: false, reason });

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const nameOf = ({ origin, path, host }: PagePlace): string => `${host ?? ''} ${origin}${path}`;

const openPages = (bytesMax: number) => {
  const connections = createKeptConnections({
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    maxResponseSize: bytesMax,
  });
  return {
    /** Rejects when nobody answered. */
    get: async ({ origin, path, host }: PageRequest, signal: AbortSignal): Promise<PageAnswer> => {
      const headers = host === undefined ? { accept } : { accept, host };
      const asked = { path, method: 'GET', headers, signal } as const;
      const { statusCode, body } = await connections.to(origin).request(asked);
      const text = await body.text();
      return statusCode === 200 ? { ok: true, text } : failed(`it answered ${statusCode}`);
    },
    close: connections.close,
  };
};

/**
 * Asks each server over one kept connection. Redirections are not followed. A page that was silent
 * has turns apart, as many: one that answers never waits behind it.
 */
export const createPageReader = (options: PageReaderOptions): PageReader => {
  const { atOnceMax, bytesMax, clock } = options;
  const pages = openPages(bytesMax);
  const turn = pLimit(atOnceMax);
  const lastTurn = pLimit(atOnceMax);
  const silent = createSilentPages({ atOnceMax, monotonicMs: clock.monotonicMs });

  const get = async (request: PageRequest, page: Page, signal: AbortSignal) => {
    const askedAtMs = clock.monotonicMs();
    try {
      const answer = await pages.get(request, signal);
      silent.answered(page);
      return answer;
    } catch (error) {
      // Whatever it was, nobody was heard: that is not a zero.
      if (!signal.aborted) return failed(reasonOf(error));
      silent.fellSilent(page, askedAtMs);
      return failed(`it took longer than ${Math.round(request.withinMs)} ms`);
    }
  };

  const read = (request: PageRequest): Promise<PageAnswer> =>
    new Promise((resolve) => {
      const { whole, withinMs } = request;
      const page = { name: nameOf(request), whole };
      const isLast = silent.isLast(page);
      const over = new AbortController();
      const tooLateAtMs = clock.monotonicMs() + withinMs * (1 - leastPart);
      let isAsked = false;
      const cancel = clock.after(withinMs, () => {
        over.abort();
        if (isAsked) return;
        if (isLast) silent.passedOver(page);
        resolve(failed(`its turn did not come within ${Math.round(withinMs)} ms`));
      });
      const ask = async (): Promise<void> => {
        if (clock.monotonicMs() > tooLateAtMs) return;
        isAsked = true;
        const answer = await get(request, page, over.signal);
        cancel();
        resolve(answer);
      };
      if (!silent.rests(page)) void (isLast ? lastTurn(ask) : turn(ask));
    });

  return {
    read,
    isSilent: (place) => silent.isSilent({ name: nameOf(place), whole: undefined }),
    depth: () => turn.activeCount + turn.pendingCount,
    close: pages.close,
  };
};
