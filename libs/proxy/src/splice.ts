/** Joins a client's and a pod's upgraded connections until either ends or both fall silent. */

import type { Socket } from 'node:net';
import { hopByHopResponseHeaders, listedByConnection } from './hop-by-hop.ts';

/** The head of a 101 for the client, from the pod's raw headers. */
export const upgradeHead = (status: number, raw: readonly Buffer[]): string => {
  let head = `HTTP/1.1 ${status} Switching Protocols\r\n`;
  let protocol = '';
  let listed: Set<string> | null = null;
  const kept: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as Buffer).toString('latin1');
    const value = (raw[i + 1] as Buffer).toString('latin1');
    const lower = name.toLowerCase();
    if (lower === 'upgrade') protocol = value;
    else if (lower === 'connection') listed = listedByConnection(value, listed);
    else if (!hopByHopResponseHeaders.has(lower)) kept.push([name, value]);
  }
  for (const [name, value] of kept) {
    if (listed?.has(name.toLowerCase()) !== true) head += `${name}: ${value}\r\n`;
  }
  return `${head}Connection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
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
