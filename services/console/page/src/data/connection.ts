/** How the page hears from the console, for the sign in its head. */
import { createContext } from 'preact';
import { useContext, useEffect } from 'preact/hooks';

export type Connection = 'connecting' | 'live' | 'reconnecting' | 'gone';

/** What the sign shows: a console that answers may have nothing new to tell. */
export type ShownConnection = Connection | 'stale';

export interface ConnectionTeller {
  readonly tell: (connection: Connection) => void;
  readonly tellStale: (isStale: boolean) => void;
}

export const ConnectionContext = createContext<ConnectionTeller>({
  tell: () => undefined,
  tellStale: () => undefined,
});

/** Trouble with the connection itself says more than that what is shown is old. */
export const shownConnection = (connection: Connection, isStale: boolean): ShownConnection =>
  connection === 'live' && isStale ? 'stale' : connection;

/** What a page tells its connection with; the same function at every draw. */
export const useTellConnection = (): ConnectionTeller['tell'] => useContext(ConnectionContext).tell;

/** Tells whether what the page shows is old, for as long as the page is shown. */
export const useTellStale = (isStale: boolean): void => {
  const { tellStale } = useContext(ConnectionContext);
  useEffect(() => {
    tellStale(isStale);
    return () => tellStale(false);
  }, [tellStale, isStale]);
};
