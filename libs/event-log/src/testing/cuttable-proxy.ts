/** A TCP proxy before a server whose answers can be withheld and whose connections can be cut. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface CuttableProxy extends AsyncDisposable {
  readonly url: string;
  /** From now on what the server says is dropped; what it is told still arrives. */
  withholdAnswers(): void;
  /** Cuts every connection; new ones work as usual. */
  cut(): void;
}

/** Listens on a free port of the loopback interface and forwards to `port` there. */
export const startCuttableProxy = async (port: number): Promise<CuttableProxy> => {
  let withheld = false;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => {
      if (!withheld) client.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  const cut = () => {
    withheld = false;
    for (const socket of [...sockets]) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${address.port}`,
    withholdAnswers: () => {
      withheld = true;
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
};
