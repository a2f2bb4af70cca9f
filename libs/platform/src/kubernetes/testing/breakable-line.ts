/** A line to an API server that a test can cut, so that nothing answers behind it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface BreakableLine extends AsyncDisposable {
  /** Of a kubeconfig that leads over this line. */
  readonly kubeconfig: string;
  /** Resets what is connected, and refuses what comes. */
  cut(): Promise<void>;
  /** Resets what is connected once; what comes is taken. */
  reset(): void;
  mend(): Promise<void>;
}

const serverLine = /(server:\s*"?https?:\/\/)([^:/"\s]+):(\d+)/;

/** Leads to the server that the kubeconfig names, which must be asked for by a loopback address. */
export const openBreakableLine = async (kubeconfig: string): Promise<BreakableLine> => {
  const text = readFileSync(kubeconfig, 'utf8');
  const found = serverLine.exec(text);
  if (found === null) throw new Error(`${kubeconfig} names no server with a port`);
  const [, , host = '', port = ''] = found;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(port), host);
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on('close', () => sockets.delete(one));
      one.on('error', () => undefined);
    }
    socket.pipe(onward).pipe(socket);
    socket.on('close', () => onward.destroy());
    onward.on('close', () => socket.destroy());
  });
  const listen = (at: number): Promise<void> =>
    new Promise((resolve) => void server.listen(at, '127.0.0.1', resolve));
  await listen(0);
  const ownPort = (server.address() as AddressInfo).port;
  const folder = await mkdtemp(join(tmpdir(), 'flyball-line-'));
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, text.replace(serverLine, `$1127.0.0.1:${ownPort}`), { mode: 0o600 });
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    reset();
    await closed;
  };
  return {
    kubeconfig: file,
    cut,
    reset,
    mend: () => (server.listening ? Promise.resolve() : listen(ownPort)),
    [Symbol.asyncDispose]: async () => {
      if (server.listening) await cut();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
