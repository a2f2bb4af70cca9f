/** What a request is answered that cannot be done: a status and an error that says why. */
import { OutsideError } from '@flyball/contracts';
import type { ErrorAnswer, ErrorCode } from '../wire.ts';
import { TooManyReadings } from './too-many-readings.ts';

const statuses: Readonly<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  HOST_REFUSED: 403,
  UNKNOWN_WORKLOAD: 404,
  UNKNOWN_TRACE: 404,
  UNKNOWN_ADDRESS: 404,
  TOO_LARGE: 413,
  UNKNOWN_MEDIA_TYPE: 415,
  TOO_MANY: 503,
  LOG_AWAY: 503,
  BUG: 500,
};

/** What is too much or away now may be otherwise then. */
const retryAfterSeconds = 2;

export interface Refusal extends ErrorAnswer {
  readonly isRefused: true;
  readonly status: number;
}

export const refusalHeaders = ({ status }: Refusal): Readonly<Record<string, string>> =>
  status === statuses.LOG_AWAY ? { 'retry-after': String(retryAfterSeconds) } : {};

export const refused = (
  code: ErrorCode,
  message: string,
  nearest?: readonly string[],
): Refusal => ({
  isRefused: true,
  status: statuses[code],
  error: { code, message, ...(nearest === undefined ? {} : { nearest }) },
});

/** While there is nothing to read from. */
export const noLog = refused(
  'LOG_AWAY',
  'There is no log to read: it is not made yet, or NATS is away.',
);

export const isRefusal = (answer: unknown): answer is Refusal =>
  typeof answer === 'object' && answer !== null && 'isRefused' in answer;

/** What an error that was thrown on the way is answered; undefined: a mistake of ours. */
export const refusalOf = (error: unknown): Refusal | undefined => {
  if (error instanceof OutsideError) return refused('LOG_AWAY', error.message);
  if (error instanceof TooManyReadings) return refused('TOO_MANY', error.message);
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  const message = error instanceof Error ? error.message : '';
  if (status === statuses.TOO_LARGE) return refused('TOO_LARGE', message);
  if (status === statuses.UNKNOWN_MEDIA_TYPE) return refused('UNKNOWN_MEDIA_TYPE', message);
  const isTheirs = typeof status === 'number' && status >= 400 && status < 500;
  return isTheirs ? refused('BAD_REQUEST', message) : undefined;
};
