/** Starts one service in this process; `flyball all` starts several. */
import { silentTelemetry, startTelemetry, type Telemetry } from '@flyball/telemetry';
import { type Logger, pino } from 'pino';
import { type Clock, systemClock } from './clock.ts';
import type { Environment } from './config.ts';
import { startHealthServer } from './health-server.ts';
import { beginLife } from './living.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import type { CommonConfig, ServiceDefinition } from './service-definition.ts';

export interface StartOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
  /** A parent logger; by default JSON lines on stdout. */
  readonly logger?: Logger;
  /** Called once, at the first bug; the process should end. */
  readonly onCrash: (error: unknown) => void;
  /** False in a process with several services, or each would tell the same of the process. */
  readonly processMetrics?: boolean;
  /** Where OTEL_* is read from; nothing is when not given. */
  readonly env?: Environment;
}

export interface RunningService {
  readonly name: string;
  /** `http://127.0.0.1:40123`, with /healthz, /readyz and /metrics. */
  readonly healthUrl: string;
  /** What the service announced: `{ gatewayUrl: … }`. */
  readonly announced: Readonly<Record<string, string | number>>;
  readonly logger: Logger;
  /** Ends it by the numbered steps; within the configured limit, else rejects. */
  drain(): Promise<void>;
}

const withLimit = async (clock: Clock, limitMs: number, work: Promise<void>): Promise<void> => {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(limitMs, () =>
      reject(new Error(`ending took longer than FLYBALL_DRAIN_LIMIT_MS=${limitMs}`)),
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    cancel();
  }
};

/** A service without the setting tells no spans, whatever OTEL_* asks for. */
const beginTelemetry = async (
  { service, env = {}, logger }: Pick<StartOptions, 'env'> & { service: string; logger: Logger },
  { instance, tracesUrl }: Pick<CommonConfig, 'instance'> & { tracesUrl?: string | undefined },
): Promise<Telemetry> => {
  if (tracesUrl === undefined) return silentTelemetry;
  const onTrouble = (sentence: string): void => logger.warn(sentence);
  return startTelemetry({ service, instance, tracesUrl, env, onTrouble });
};

/**
 * Starts a service with a configuration that was read already; throws what `start` throws, after
 * having closed what it had opened.
 */
export const startService = async <Config extends CommonConfig>(
  definition: ServiceDefinition<Config>,
  config: Readonly<Config>,
  options: StartOptions,
): Promise<RunningService> => {
  const { name } = definition;
  const { clock = systemClock, random = Math.random, onCrash } = options;
  const parent = options.logger ?? pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const { instance, soleInstance: isSole = false, logLevel } = config;
  const { healthHost, healthPort, drainLimitMs } = config;
  const logger = parent.child({ service: name, instance }, { level: logLevel });
  const telemetry = await beginTelemetry({ ...options, service: name, logger }, config);
  const living = beginLife({
    ...{ service: name, instance, isSole, logger, clock, random, onCrash, telemetry },
  });
  const { life, readiness } = living;
  // Registered first, so that it is the last to close: the loops' last spans are sent.
  life.onClose('telemetry', () => telemetry.close());
  if (options.processMetrics !== false) collectProcessMetrics(life.metrics);
  const health = await startHealthServer({
    service: name,
    host: healthHost,
    port: healthPort,
    readiness,
    metrics: life.metrics,
  }).catch(async (error: unknown) => {
    await living.drain();
    throw error;
  });
  const end = async (): Promise<void> => {
    await living.drain();
    // 5. The health server last: until here it tells why the service is not ready.
    await health.close();
  };
  const started = readiness.condition('started');
  try {
    await definition.start(config, life);
  } catch (error) {
    await withLimit(clock, drainLimitMs, end()).catch((late: unknown) =>
      logger.error({ err: late }, 'could not end after a failed start'),
    );
    throw error;
  }
  started.set(true, 'started');
  logger.info({ healthUrl: health.url, ...living.announced() }, 'listening');
  return {
    name,
    healthUrl: health.url,
    announced: living.announced(),
    logger,
    drain: () => withLimit(clock, drainLimitMs, end()),
  };
};
