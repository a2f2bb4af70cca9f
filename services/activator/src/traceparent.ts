/** A W3C trace context for a held request whose client sent none. */
import { randomBytes } from 'node:crypto';

const traceIdBytes = 16;
const spanIdBytes = 8;
const sampled = '01';
const pattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const newTraceparent = (): string => {
  const traceId = randomBytes(traceIdBytes).toString('hex');
  return `00-${traceId}-${randomBytes(spanIdBytes).toString('hex')}-${sampled}`;
};

/** Is this a trace context that events may carry? */
export const isTraceparent = (given: string | null): given is string =>
  given !== null && pattern.test(given);

/** The client's own context when it is valid, else a new one. */
export const traceparentOf = (given: string | null): string =>
  isTraceparent(given) ? given : newTraceparent();
