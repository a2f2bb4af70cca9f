/** Does a pod work? One connection, one small request, the first bytes of what comes back. */
import { connect } from 'node:net';

export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  /** Asked with GET; null: that the connection is accepted is enough. */
  readonly path: string | null;
}

/** undefined when it works, else why not. */
export type ProbeAnswer = string | undefined;

/** The beginning of a status line: `HTTP/1.1 200`. */
const statusLineChars = 12;
const statusLine = /^HTTP\/1\.[01] (\d{3})/;

const requestText = ({ host, port, path }: ProbeTarget): string =>
  [
    `GET ${path} HTTP/1.1`,
    `host: ${host}:${port}`,
    'user-agent: flyball-probe',
    'connection: close',
    '\r\n',
  ].join('\r\n');

/**
 * A pod answers when it says anything but an HTTP status of 500 or more: 404 or 401 show a server
 * that works, and a server of another protocol (HTTP/2, a WebSocket) speaks in its own way.
 */
const judge = (received: string): ProbeAnswer => {
  const status = statusLine.exec(received)?.[1];
  return status !== undefined && Number(status) >= 500 ? `it answers ${status}` : undefined;
};

/**
 * Asks once. Never rejects. A connection that is accepted is enough when the answer takes longer
 * than the limit: a slow service works, and the first request to it would not be answered sooner.
 */
export const probe = (target: ProbeTarget, timeoutMs: number): Promise<ProbeAnswer> =>
  new Promise((resolve) => {
    const { host, port, path } = target;
    const socket = connect({ host, port });
    let received = '';
    const end = (answer: ProbeAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      end(socket.connecting ? `it did not accept a connection within ${timeoutMs} ms` : undefined);
    }, timeoutMs);
    socket.once('connect', () =>
      path === null ? end(undefined) : socket.write(requestText(target)),
    );
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (received.length >= statusLineChars) end(judge(received));
    });
    socket.once('error', (error) => end(`it cannot be reached (${error.message})`));
    socket.once('close', () => {
      end(received === '' ? 'it closed the connection without an answer' : judge(received));
    });
  });
