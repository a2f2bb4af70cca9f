/** Connects to the NATS of a log, and says what to do where that cannot be done. */
import { OutsideError, type OutsideErrorCode, streams } from '@flyball/contracts';
import { connectEventLog, type EventLog, readPartitionCount } from '@flyball/event-log';
import type { LocalPlatformAdmin } from '@flyball/platform';

/** Who waits for an answer at a terminal does not wait longer for a server. */
const connectLimitMs = 5_000;

export interface LogAccess {
  /** Shown in errors: without a login. */
  readonly servers: readonly string[];
  readonly user: string;
  /** Undefined: nobody said one. */
  readonly password: string | undefined;
  /** What to do about a wrong user or password. */
  readonly mendLogin: string;
  /** What to do when nothing answers. */
  readonly mendServer: string;
  /** Servers that a server tells of cannot be reached from here. */
  readonly ownServersOnly?: boolean;
}

export interface ConnectedLog {
  readonly log: EventLog;
  /** Fixed when the log was made. */
  readonly partitionCount: number;
}

/** `reader` writes nothing; `operator` settles dead letters besides. */
export type LogUser = 'reader' | 'operator';

export interface OpenLog extends ConnectedLog {
  /** What runs beside what is recorded; undefined where only the log is known. */
  readonly platform?: LocalPlatformAdmin;
  /** Rejects once whoever writes it has ended; undefined where that cannot be known from here. */
  readonly ended?: Promise<never>;
  close(): Promise<void>;
}

const failed = (code: OutsideErrorCode, message: string, cause: OutsideError): OutsideError =>
  new OutsideError(code, message, { retriable: cause.retriable, cause });

const explained = (error: unknown, access: LogAccess): unknown => {
  if (!(error instanceof OutsideError)) return error;
  const { servers, user, password, mendLogin, mendServer } = access;
  const where = `NATS at ${servers.join(', ')}`;
  switch (error.code) {
    case 'NATS_UNREACHABLE':
    case 'NATS_TIMEOUT': {
      const message = `${where} does not answer within ${connectLimitMs} ms. ${mendServer}`;
      return failed(error.code, message, error);
    }
    case 'NATS_REFUSED': {
      const how = password === undefined ? 'without a password' : 'with this password';
      return failed(error.code, `${where} refused the user ${user} ${how}. ${mendLogin}`, error);
    }
    case 'NATS_STREAM_MISSING': {
      const message = `${where} answers, and has no stream ${streams.events}: no Flyball keeps its`;
      return failed(error.code, `${message} log there (yet). Check the address.`, error);
    }
    default:
      return error;
  }
};

/** Rejects with NATS_UNREACHABLE, NATS_REFUSED, NATS_STREAM_MISSING or NATS_STREAM_DIFFERS. */
export const connectLog = async (access: LogAccess, signal: AbortSignal): Promise<ConnectedLog> => {
  const { servers, user, password, ownServersOnly = false } = access;
  let log: EventLog | undefined;
  try {
    log = await connectEventLog({
      ...{ servers, user, name: 'flyball-cli', signal, ownServersOnly },
      ...(password === undefined ? {} : { password }),
      limits: { firstConnectMs: connectLimitMs },
    });
    return { log, partitionCount: await readPartitionCount(log) };
  } catch (error) {
    await log?.close();
    throw explained(error, access);
  }
};
