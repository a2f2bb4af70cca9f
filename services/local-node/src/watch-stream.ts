/** One watcher's stream: a listing, then each change at once, as lines of JSON. */
import type { ServerResponse } from 'node:http';
import { type PlatformChange, type WatchLine, watchHeartbeatMs } from '@flyball/platform';
import type { Clock } from '@flyball/service';
import type { Node } from './node/node.ts';

/** A watcher that is further behind is cut off; it comes again and gets a new listing. */
const watchBacklogBytesMax = 8 * 1_048_576;

/** Streams at once. */
export const watchersMax = 64;

export interface WatchStreams {
  readonly count: () => number;
  readonly open: (response: ServerResponse) => void;
  /** Ends all streams, so that their watchers know at once. */
  readonly close: () => void;
}

const lineOf = (line: WatchLine): string => `${JSON.stringify(line)}\n`;

const wireOf = (change: PlatformChange): string => {
  if (change.kind === 'unseen') return '';
  if (change.kind !== 'config') return lineOf(change);
  return lineOf({ kind: 'config', config: change.config === undefined ? null : change.config });
};

export const createWatchStreams = (node: Node, clock: Clock): WatchStreams => {
  const open = new Set<ServerResponse>();
  const heartbeat = lineOf({ kind: 'heartbeat' });
  let cancelHeartbeat = (): void => undefined;
  const write = (response: ServerResponse, text: string): void => {
    if (response.writableLength > watchBacklogBytesMax) response.destroy();
    else response.write(text);
  };
  const beat = (): void => {
    for (const response of open) write(response, heartbeat);
    cancelHeartbeat = clock.after(watchHeartbeatMs, beat);
  };
  beat();
  return {
    count: () => open.size,
    open: (response) => {
      response.writeHead(200, {
        'content-type': 'application/x-ndjson',
        'cache-control': 'no-store',
      });
      response.write(node.listing().map(wireOf).join(''));
      const unfollow = node.follow((change) => write(response, wireOf(change)));
      open.add(response);
      response.once('close', () => {
        unfollow();
        open.delete(response);
      });
    },
    close: () => {
      cancelHeartbeat();
      for (const response of open) response.end();
    },
  };
};
