/** A receiver of spans in a process of its own: tells its URL, then how many have come. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTraceSink, createTraceStore, traceBodyBytesMax } from '@flyball/telemetry/sink';

const store = createTraceStore();
let count = 0;
const sink = createTraceSink({
  store: {
    add: (spans) => {
      count += spans.length;
      store.add(spans);
    },
  },
});

const bodyOf = async (request: IncomingMessage): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    // One byte too many is enough for the sink to refuse it.
    if (bytes <= traceBodyBytesMax + 1) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const server = createServer((request, response) => {
  const answer = async (): Promise<void> => {
    const { 'content-type': type, 'content-encoding': encoding } = request.headers;
    const { status, contentType, body } = sink.handle(type, encoding, await bodyOf(request));
    response.writeHead(status, { 'content-type': contentType }).end(body);
  };
  if (request.method === 'POST') answer().catch(() => response.destroy());
  else response.end(String(count));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
