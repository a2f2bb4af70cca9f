/** A TCP proxy for one service's way to a server: cut, silent, late, or held at a given word. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * `cut`: connections are reset and new ones too. `silent`: bytes are swallowed, and what was open
 * is reset in the end. `late`: bytes wait and arrive in the end, as TCP sends them again.
 */
export type Severance = 'cut' | 'silent' | 'late';

export interface Held {
  /** Lets through what was held. */
  release(): void;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
}

interface Wanted {
  readonly text: string;
  readonly resolve: (held: Held) => void;
}

export class SeverableProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #serverPort: () => Promise<number>;
  readonly #pairs = new Set<Pair>();
  #severed: Severance | undefined;
  #wanted: Wanted | undefined;

  private constructor(server: Server, port: number, serverPort: () => Promise<number>) {
    this.#server = server;
    this.port = port;
    this.#serverPort = serverPort;
    server.on('connection', (client) => {
      client.on('error', () => client.destroy());
      this.#accept(client).catch(() => client.destroy());
    });
  }

  /** Listens on a free loopback port; asks for the server's port at each connection. */
  static async open(serverPort: () => Promise<number>): Promise<SeverableProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('No port was given.');
    return new SeverableProxy(server, address.port, serverPort);
  }

  sever(how: Severance): void {
    this.#severed = how;
    if (how === 'cut') this.#resetAll();
    if (how === 'late') for (const socket of this.#sockets()) socket.pause();
  }

  heal(): void {
    const was = this.#severed;
    this.#severed = undefined;
    if (was === 'silent') this.#resetAll();
    if (was === 'late') for (const socket of this.#sockets()) socket.resume();
  }

  /** Resolves when bytes with this text come from the client; they and what follows wait. */
  holdAt(text: string): Promise<Held> {
    return new Promise((resolve) => {
      this.#wanted = { text, resolve };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#resetAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #sockets(): readonly Socket[] {
    return [...this.#pairs].flatMap(({ client, upstream }) => [client, upstream]);
  }

  #resetAll(): void {
    for (const { client, upstream } of [...this.#pairs]) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }

  async #accept(client: Socket): Promise<void> {
    client.setNoDelay(true);
    if (this.#severed === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(await this.#serverPort(), '127.0.0.1');
    upstream.setNoDelay(true);
    this.#join({ client, upstream });
  }

  #join(pair: Pair): void {
    const { client, upstream } = pair;
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    client.on('data', (bytes: Buffer) => {
      if (this.#severed !== 'silent' && !this.#holds(pair, bytes)) upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (this.#severed !== 'silent') client.write(bytes);
    });
    if (this.#severed === 'late') for (const socket of [client, upstream]) socket.pause();
  }

  #holds({ client, upstream }: Pair, bytes: Buffer): boolean {
    if (this.#wanted === undefined || !bytes.includes(this.#wanted.text)) return false;
    const { resolve } = this.#wanted;
    this.#wanted = undefined;
    client.pause();
    const release = (): void => {
      if (!upstream.destroyed) upstream.write(bytes);
      client.resume();
    };
    resolve({ release });
    return true;
  }
}
