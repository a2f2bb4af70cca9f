/** The one error for what goes wrong outside of us: NATS, Redis, the platform, a file, a port. */

/** Every code with what it means and what to do; docs/errors.md is made from this table. */
export const outsideErrors = {
  NATS_UNREACHABLE: 'NATS did not answer. Check that it runs and that the URL is right.',
  NATS_REFUSED: 'NATS refused the user, or the user may not write this subject (another pen).',
  NATS_STREAM_MISSING: 'A stream or bucket does not exist yet. `flyball up` makes them at start.',
  NATS_STREAM_DIFFERS: 'A stream exists with settings that this version cannot work with.',
  NATS_FULL: 'NATS cannot store more: the disk or a stream limit is full.',
  NATS_TIMEOUT: 'NATS took longer than the limit; the message is sent again under the same id.',
  NATS_RECONNECTED: 'NATS is back; first it is checked that its log still holds what was read.',
  LOG_TRUNCATED: 'The event log ends before a position that was already read: its tail was lost.',
  LOG_CORRUPT: 'A message in the log cannot be read as an event; it goes to the dead letters.',
  SNAPSHOT_TOO_LARGE: 'A snapshot is larger than one NATS message may be. Use more partitions.',
  REDIS_UNREACHABLE: 'Redis did not answer. Check that it runs, the URL and the password.',
  REDIS_REFUSED: 'Redis refused the password or the command.',
  PLATFORM_UNREACHABLE: 'The platform (Kubernetes API or local-node) did not answer.',
  PLATFORM_CONFLICT: 'The object changed since it was read; it is read again, then decided again.',
  PLATFORM_GONE: 'The workload no longer exists on the platform.',
  PLATFORM_REFUSED: 'The platform refused the request; its reason is in the message.',
  PORT_IN_USE: 'The port is taken by another program. Choose another one or stop that program.',
  FILE_UNREADABLE: 'A file that was named cannot be read.',
  DATA_IN_USE: 'Another Flyball runs with this data folder.',
  NOT_RUNNING: 'No Flyball runs with this data folder, or in this namespace of a cluster.',
  CONSOLE_UNREACHABLE: 'The console did not answer, or there is none. Name one with --console URL.',
  PART_FAILED: 'A part of Flyball did not start; its last output is in the message.',
  DATA_FOREIGN: 'The data folder has files of others. Choose another one with --data DIR.',
  DATA_UNWRITABLE: 'The data folder cannot be made or written. Choose another one with --data DIR.',
  DISK_FULL: 'There is no space left where Flyball keeps its data.',
  COMMAND_NOT_FOUND: 'A program that is needed is not installed or not on PATH.',
} as const;

export type OutsideErrorCode = keyof typeof outsideErrors;

export interface OutsideErrorOptions {
  /** May the same call succeed later without anything else changing? */
  readonly retriable: boolean;
  readonly cause?: unknown;
}

/** An error of the outside world, with a code of the table above and whether a retry can help. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
  readonly code: OutsideErrorCode;
  readonly retriable: boolean;

  constructor(code: OutsideErrorCode, message: string, options: OutsideErrorOptions) {
    super(`${message} [${code}]`, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable;
  }
}
