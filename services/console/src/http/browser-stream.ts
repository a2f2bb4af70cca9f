/** Server-sent events to one browser: never more under way than it takes. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '@flyball/service';
import { guardHeaders } from './guard.ts';

/** Says that we are still here, where nothing else is to be said. */
const heartbeatMs = 10_000;
/** A browser that takes nothing for this long is gone. */
const stalledMsMax = 60_000;
/** A browser that lost the stream asks again after this time. */
const reconnectMs = 1_000;

export interface BrowserStream {
  /** False while the browser has not taken what it was told: whoever tells then waits. */
  isFree(): boolean;
  /** Tells an event; `json` is its data, on one line. */
  send(event: string, json: string): void;
  /** Aborts when the browser is gone or the stream was ended. */
  readonly closed: AbortSignal;
  end(): void;
}

/** Takes the response over, and keeps it open. */
export const openBrowserStream = (response: ServerResponse, clock: Clock): BrowserStream => {
  const closed = new AbortController();
  let toldMs = clock.monotonicMs();
  let freeMs = toldMs;
  let cancel = (): void => undefined;
  const write = (text: string): void => {
    toldMs = clock.monotonicMs();
    response.write(text);
  };
  const look = (): void => {
    const nowMs = clock.monotonicMs();
    if (!response.writableNeedDrain) freeMs = nowMs;
    if (nowMs - freeMs >= stalledMsMax) {
      response.destroy();
      return;
    }
    if (!response.writableNeedDrain && nowMs - toldMs >= heartbeatMs) write(': here\n\n');
    cancel = clock.after(heartbeatMs / 2, look);
  };
  response.on('close', () => {
    cancel();
    closed.abort();
  });
  // A browser that leaves in the middle of a word is no failure; its stream is closed then.
  response.on('error', () => undefined);
  // Proxies that gather answers must not gather this one.
  const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
  response.writeHead(200, { ...guardHeaders, ...headers });
  write(`retry: ${reconnectMs}\n\n`);
  cancel = clock.after(heartbeatMs / 2, look);
  return {
    isFree: () => !closed.signal.aborted && !response.writableNeedDrain,
    send: (event, json) => write(`event: ${event}\ndata: ${json}\n\n`),
    closed: closed.signal,
    end: () => void response.end(),
  };
};
