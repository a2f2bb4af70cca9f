/** A pod that writes down the bytes it gets and reads them as strictly as HTTP can be read. */
import { type AddressInfo, createServer } from 'node:net';
import { readStrictly, type StrictRequest } from './strict-requests.ts';

export interface StrictPod extends AsyncDisposable {
  readonly port: number;
  /** Whole requests, in the order in which they became whole; `take` empties the list. */
  take(): readonly StrictRequest[];
  /** Bytes that are no HTTP, as they came. */
  readonly invalid: readonly string[];
}

const answerTo = ({ method }: StrictRequest): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${method === 'HEAD' ? '' : 'ok'}`;

/** Listens on a free port of 127.0.0.1; answers each whole request at once. */
export const startStrictPod = async (): Promise<StrictPod> => {
  const invalid: string[] = [];
  let requests: StrictRequest[] = [];
  const server = createServer((socket) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (some: string) => {
      text += some;
      const reading = readStrictly(text);
      text = text.slice(reading.length);
      requests.push(...reading.requests);
      for (const request of reading.requests) socket.write(answerTo(request));
      if (reading.rest !== 'invalid') return;
      invalid.push(text);
      socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    sockets.add(socket.once('close', () => sockets.delete(socket)));
  });
  const sockets = new Set<{ destroy(): unknown }>();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    take: () => {
      const taken = requests;
      requests = [];
      return taken;
    },
    invalid,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
