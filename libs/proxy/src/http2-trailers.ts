/** Sends what stands behind a body over HTTP/2, as far as HTTP/2 takes it. */

import { constants, type Http2Stream } from 'node:http2';
import { namedOf } from './raw-headers.ts';

/** True of what node throws for a header that it will not send. */
export const isHeaderFault = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && /^ERR_(HTTP2|INVALID)_/.test(String(error.code));

/**
 * Ends the stream with these trailers, flat, names in lower case. Gives what is wrong with them,
 * and has then reset the stream, which would wait for them for ever; null when nothing is.
 */
export const sendTrailers = (stream: Http2Stream, flat: readonly string[]): Error | null => {
  try {
    stream.sendTrailers(namedOf(flat));
    return null;
  } catch (error) {
    if (!isHeaderFault(error)) throw error;
    // HTTP/1.1 lets pass what HTTP/2 does not: a single value that comes twice, for one.
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return error;
  }
};
