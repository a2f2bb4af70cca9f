/** A receiver of OTLP/HTTP on a free port of the loopback. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTraceSink, traceBodyBytesMax } from '../otlp/trace-sink.ts';
import type { ReceivedSpan } from '../received-span.ts';
import { createTraceStore, type TraceStore } from '../store/trace-store.ts';

export interface RunningSink extends AsyncDisposable {
  /** For FLYBALL_TRACES_URL or OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  /** All that arrived, in that order. */
  readonly spans: readonly ReceivedSpan[];
  /** The content types of the requests, in their order. */
  readonly contentTypes: readonly string[];
  /** The headers of the requests, in their order. */
  readonly headers: readonly IncomingHttpHeaders[];
  readonly store: TraceStore;
  close(): Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    // What is already too large is enough for the sink to refuse it.
    if (bytes <= traceBodyBytesMax) chunks.push(chunk);
    bytes += chunk.byteLength;
  }
  return Buffer.concat(chunks);
};

/** Listens until it is closed. */
export const startSink = async (): Promise<RunningSink> => {
  const spans: ReceivedSpan[] = [];
  const contentTypes: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const store = createTraceStore();
  const add = (received: readonly ReceivedSpan[]): void => {
    spans.push(...received);
    store.add(received);
  };
  const sink = createTraceSink({ store: { add } });
  const server = createServer((request, response) => {
    const { 'content-type': type, 'content-encoding': encoding } = request.headers;
    const answer = async (): Promise<void> => {
      const { status, contentType, body } = sink.handle(type, encoding, await bodyOf(request));
      contentTypes.push(type ?? '');
      headers.push(request.headers);
      response.writeHead(status, { 'content-type': contentType }).end(body);
    };
    if (request.method === 'POST' && request.url === '/v1/traces') {
      answer().catch(() => response.destroy());
    } else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    contentTypes,
    headers,
    store,
    close,
    [Symbol.asyncDispose]: close,
  };
};
