/** Tells by a connection's first bytes whether it speaks HTTP/2, and gives it on to who does. */

import type { Socket } from 'node:net';

/** What every HTTP/2 connection begins with (RFC 9113 3.4). */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export interface FirstBytesOptions {
  /** Time in which the first bytes must come. */
  readonly timeoutMs: number;
  readonly onHttp1: (socket: Socket) => void;
  readonly onHttp2: (socket: Socket) => void;
  readonly onTimeout: (socket: Socket) => void;
}

/** `http2` and `http1` are known; undefined: what came so far begins the preface. */
const protocolOf = (bytes: Buffer): 'http1' | 'http2' | undefined => {
  const length = Math.min(bytes.length, preface.length);
  if (preface.compare(bytes, 0, length, 0, length) !== 0) return 'http1';
  return length === preface.length ? 'http2' : undefined;
};

/**
 * Waits for a connection's first bytes and hands it on with them. Only the first bytes count: a
 * preface behind an HTTP/1.1 request is a malformed request.
 */
export const readFirstBytes = (socket: Socket, options: FirstBytesOptions): void => {
  let bytes: Buffer | null = null;
  const read = (chunk: Buffer): void => {
    bytes = bytes === null ? chunk : Buffer.concat([bytes, chunk]);
    const protocol = protocolOf(bytes);
    if (protocol === undefined) return;
    release();
    if (protocol === 'http1') {
      options.onHttp1(socket);
      // Told as they came: to stop the connection and put them back costs more than the rest here.
      socket.emit('data', bytes);
    } else {
      socket.pause();
      socket.unshift(bytes);
      options.onHttp2(socket);
    }
  };
  // Who ends or breaks off before it said anything, or inside the preface, wanted nothing.
  const left = (): void => {
    release();
    socket.destroy();
  };
  const timer = setTimeout(() => {
    release();
    if (!socket.destroyed) options.onTimeout(socket);
  }, options.timeoutMs);
  timer.unref();
  const release = (): void => {
    clearTimeout(timer);
    socket.off('data', read).off('end', left).off('error', left);
  };
  socket.on('data', read).on('end', left).on('error', left);
};
