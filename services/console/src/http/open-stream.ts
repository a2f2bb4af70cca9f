/** A stream of server-sent events to one browser, where there is room for one more. */
import type { Clock } from '@flyball/service';
import type { FastifyReply } from 'fastify';
import { type BrowserStream, openBrowserStream } from './browser-stream.ts';
import { answer } from './create-server.ts';
import { refused } from './refusal.ts';
import type { StreamLimit } from './stream-limit.ts';

/** Opens a stream where there is room for one more; undefined: it was refused. */
export const openStream = (
  reply: FastifyReply,
  { clock, streams }: { readonly clock: Clock; readonly streams: StreamLimit },
): BrowserStream | undefined => {
  if (!streams.hasRoom()) {
    const message = `${streams.open()} streams are open, as many as this console takes.`;
    answer(reply, refused('TOO_MANY', message));
    return undefined;
  }
  reply.hijack();
  const stream = openBrowserStream(reply.raw, clock);
  streams.add(stream);
  return stream;
};
