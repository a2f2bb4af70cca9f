/** What a client sends behind its upgrade request, while that waits for a pod. */

import type { Socket } from 'node:net';

/** Bytes that are kept; a client that sends more before it was answered is cut off. */
export const earlyBytesMax = 16 * 1024;

/**
 * Reads on, so that the client's leaving is seen: a connection with unread bytes does not tell.
 * Returns a function that stops and gives everything that came, `head` first.
 */
export const keepEarlyBytes = (socket: Socket, head: Buffer): (() => Buffer) => {
  const kept = [head];
  let bytes = head.length;
  const keep = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= earlyBytesMax) kept.push(chunk);
    else socket.destroy();
  };
  socket.on('data', keep);
  return () => {
    socket.off('data', keep);
    return Buffer.concat(kept);
  };
};
