/** Turns what ioredis throws into the one error that the house knows. */
import { OutsideError } from '@flyball/contracts';
import { ReplyError } from 'ioredis';

/** The URL without its password, fit for a message. */
const shownUrl = (url: string): string => {
  const parsed = URL.parse(url);
  if (parsed === null) return '(not a URL)';
  if (parsed.password !== '') parsed.password = '***';
  return parsed.href;
};

/** Redis answered, but it will do the same call later: it loads, fails over, or is full. */
const passing = /^(LOADING|BUSY|MASTERDOWN|READONLY|TRYAGAIN|CLUSTERDOWN|OOM|MISCONF)\b/;
const credentials = /^(NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR invalid password)/;

const adviceOf = (message: string): string => {
  if (credentials.test(message)) return 'Check user and password in the URL, and its permissions.';
  if (/^OOM\b/.test(message)) return 'Give Redis more memory, or nothing else to hold.';
  if (/^MISCONF\b/.test(message)) return 'Redis cannot save to its disk: look at its log.';
  return 'See its log.';
};

const isReply = (error: unknown): boolean =>
  error instanceof ReplyError || (error instanceof Error && error.name === 'ReplyError');

export const redisFailure = (error: unknown, url: string): OutsideError => {
  if (error instanceof OutsideError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (isReply(error)) {
    return new OutsideError(
      'REDIS_REFUSED',
      `Redis at ${shownUrl(url)} refused: ${message}. ${adviceOf(message)}`,
      { retriable: passing.test(message), cause: error },
    );
  }
  return new OutsideError(
    'REDIS_UNREACHABLE',
    `Redis at ${shownUrl(url)} did not answer: ${message}. Check that it runs there.`,
    { retriable: true, cause: error },
  );
};
