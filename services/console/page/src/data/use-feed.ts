/** Server-sent events for as long as a page is shown and looked at. */
import { useEffect, useRef } from 'preact/hooks';
import { type Connection, useTellConnection } from './connection.ts';

/** After a refusal the browser does not try again by itself. */
const retryMs = 3_000;
/** Silence since the connection was lost after which the console is called gone. */
const goneMs = 15_000;

/** What is done with an event of each name; its data are those that the wire says. */
export type FeedHandlers = Readonly<Record<string, (data: unknown) => void>>;

interface Feed {
  close(): void;
}

const openFeed = (
  address: string,
  handle: (name: string, text: string) => void,
  names: readonly string[],
  tell: (connection: Connection) => void,
): Feed => {
  let source: EventSource;
  let lostAtMs: number | null = null;
  let retry: number | undefined;
  const lost = () => {
    lostAtMs ??= Date.now();
    tell(Date.now() - lostAtMs > goneMs ? 'gone' : 'reconnecting');
    if (source.readyState === EventSource.CLOSED) retry = window.setTimeout(open, retryMs);
  };
  const open = () => {
    source = new EventSource(address);
    source.onerror = lost;
    source.onopen = () => {
      lostAtMs = null;
      tell('live');
    };
    for (const name of names) {
      source.addEventListener(name, (event) => handle(name, String(event.data)));
    }
  };
  open();
  return {
    close: () => {
      window.clearTimeout(retry);
      source.close();
    },
  };
};

/**
 * Listens while the page is in sight: a browser has six connections for all tabs of a server, and
 * tabs in the background would keep them. `address` null: nothing is listened to.
 */
export const useFeed = (address: string | null, handlers: FeedHandlers): void => {
  const tell = useTellConnection();
  const newest = useRef(handlers);
  newest.current = handlers;
  useEffect(() => {
    if (address === null) return undefined;
    let feed: Feed | undefined;
    const names = Object.keys(newest.current);
    const handle = (name: string, text: string) => newest.current[name]?.(JSON.parse(text));
    const follow = () => {
      const isSeen = document.visibilityState === 'visible';
      if (isSeen && feed === undefined) feed = openFeed(address, handle, names, tell);
      if (isSeen || feed === undefined) return;
      feed.close();
      feed = undefined;
    };
    tell('connecting');
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      feed?.close();
    };
  }, [address, tell]);
};
