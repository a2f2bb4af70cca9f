/** A server on loopback that answers each call as a test says, and remembers what it was sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { writeTestKubeconfig } from './test-kubeconfig.ts';

export interface SentCall {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  /** Empty where none was sent. */
  readonly traceparent: string;
  readonly authorization: string;
  /** Calls of one connection have the same number. */
  readonly connection: number;
  readonly body: unknown;
}

export interface SaidAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The socket is reset instead. */
  readonly reset?: boolean;
  /** Nothing is answered, ever. */
  readonly silent?: boolean;
  /** Its head is sent, and its end never: a watch that nothing happens in. */
  readonly held?: boolean;
}

export interface AnsweringServer extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly port: number;
  readonly calls: readonly SentCall[];
}

/** `answer` may take its time. */
export const startAnsweringServer = async (
  answer: (call: SentCall) => SaidAnswer | Promise<SaidAnswer>,
): Promise<AnsweringServer> => {
  const calls: SentCall[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const call = {
      method: request.method ?? '',
      path: request.url ?? '',
      contentType: request.headers['content-type'] ?? '',
      traceparent: String(request.headers.traceparent ?? ''),
      authorization: request.headers.authorization ?? '',
      connection: request.socket.remotePort ?? 0,
      body: body === '' ? undefined : JSON.parse(body),
    };
    calls.push(call);
    const { status = 200, headers = {}, body: said = {}, ...rest } = await answer(call);
    const { reset, silent, held } = rest;
    if (silent === true) return;
    if (held === true) response.writeHead(status, headers).flushHeaders();
    else if (reset === true) request.socket.resetAndDestroy();
    else {
      const sent = typeof said === 'string' ? said : JSON.stringify(said);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(sent);
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = await writeTestKubeconfig(port);
  return {
    kubeconfig: kubeconfig.path,
    port,
    calls,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      kubeconfig.remove();
    },
  };
};
