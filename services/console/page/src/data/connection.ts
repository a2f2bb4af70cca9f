/** How the page hears from the console, for the sign in its head. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

export type Connection = 'connecting' | 'live' | 'reconnecting' | 'gone';

export interface ConnectionTeller {
  readonly tell: (connection: Connection) => void;
}

export const ConnectionContext = createContext<ConnectionTeller>({ tell: () => undefined });

/** What a page tells its connection with; the same function at every draw. */
export const useTellConnection = (): ConnectionTeller['tell'] => useContext(ConnectionContext).tell;
