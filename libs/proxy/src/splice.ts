/** Joins a client's and a pod's upgraded connections until either ends or both fall silent. */

import type { Socket } from 'node:net';
import type { RawHeaders } from './raw-headers.ts';
import { readResponseHead } from './response-head.ts';

/** The head of a 101 for the client, from the pod's raw headers. */
export const upgradeHead = (status: number, raw: RawHeaders): string => {
  const { headers, upgrade } = readResponseHead(raw);
  let head = `HTTP/1.1 ${status} Switching Protocols\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${head}Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`;
};

export interface SpliceOptions {
  readonly client: Socket;
  readonly pod: Socket;
  /** Bytes the client sent right behind its request. */
  readonly clientHead: Buffer;
  readonly idleTimeoutMs: number;
  /** Called once, when both connections are closed. */
  readonly onEnd: () => void;
}

/** Two connections in use as one. */
export interface Splice {
  /** Ends both at once. */
  destroy(): void;
}

/**
 * Copies both ways with back-pressure. The end of one side's sending is passed on, so a half-closed
 * connection still carries the other direction; a side that breaks takes the other one with it.
 */
export const splice = (options: SpliceOptions): Splice => {
  const { client, pod, clientHead } = options;
  // Else node would end our half as soon as the pod has ended its own. The client's is so already.
  pod.allowHalfOpen = true;
  let open = 2;
  const closed = (other: Socket) => () => {
    // What was written to the other side is still delivered; a peer that never takes it is idle.
    if (!other.destroyed) other.end(() => other.destroy());
    open--;
    if (open === 0) options.onEnd();
  };
  const broken = (): void => {
    client.destroy();
    pod.destroy();
  };
  client.on('error', broken).once('close', closed(pod));
  pod.on('error', broken).once('close', closed(client));
  client.setTimeout(options.idleTimeoutMs, broken);
  pod.setTimeout(options.idleTimeoutMs, broken);
  if (clientHead.length > 0) pod.write(clientHead);
  client.pipe(pod);
  pod.pipe(client);
  // A side may have closed while the pod was deciding.
  if (client.destroyed || pod.destroyed) broken();
  return { destroy: broken };
};
