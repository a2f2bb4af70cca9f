/** A life that has begun: the registrations a service makes, and the numbered way to its end. */
import { silentTelemetry, type Telemetry } from '@flyball/telemetry';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { Clock } from './clock.ts';
import type { Life } from './life.ts';
import { createReadiness, type Readiness } from './readiness.ts';

export interface LivingOptions {
  readonly service: string;
  readonly instance: string;
  /** It is certain that no earlier process of this instance lives. */
  readonly isSole?: boolean;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onCrash: (error: unknown) => void;
  /** Closed by whoever made it; silent when not given. */
  readonly telemetry?: Telemetry;
}

interface Named<Action> {
  readonly name: string;
  readonly action: Action;
}

export interface Living {
  readonly life: Life;
  readonly readiness: Readiness;
  readonly announced: () => Readonly<Record<string, string | number>>;
  /** The numbered steps of ending; each error is logged and the next step taken. */
  drain(): Promise<void>;
}

/** Tells this run from earlier ones of the same instance. */
const incarnationOf = (instance: string, bootMs: number): string =>
  `${instance}-${bootMs.toString(36)}`;

/** An instance has dashes within, a boot has none; a clock that was set back hides a run. */
const isEarlierRun = (instance: string, bootMs: number, incarnation: string): boolean => {
  const boot = Number.parseInt(incarnation.slice(instance.length + 1), 36);
  return boot < bootMs && incarnation === incarnationOf(instance, boot);
};

/** Everything that a service registers, in the order in which it did. */
const createRegistrations = (options: LivingOptions, signal: AbortSignal) => {
  const drains: Named<() => Promise<void>>[] = [];
  const closes: Named<() => Promise<void>>[] = [];
  const tasks: Named<Promise<void>>[] = [];
  const run = (name: string, task: (signal: AbortSignal) => Promise<void>): void => {
    const guarded = async (): Promise<void> => {
      try {
        await task(signal);
      } catch (error) {
        options.onCrash(error);
      }
    };
    tasks.push({ name, action: guarded() });
  };
  return { drains, closes, tasks, run };
};

const attempt = async (logger: Logger, name: string, action: () => Promise<void>) => {
  try {
    await action();
  } catch (error) {
    logger.error({ err: error, step: name }, 'a step of ending failed; going on');
  }
};

export const beginLife = (options: LivingOptions): Living => {
  const { logger, service, instance, clock, random } = options;
  const stop = new AbortController();
  const registrations = createRegistrations(options, stop.signal);
  const readiness = createReadiness();
  let announced: Readonly<Record<string, string | number>> = {};

  const drain = async (): Promise<void> => {
    // 1. Not ready at once, so that nothing new is sent here.
    readiness.condition('not draining').set(false, 'this service is ending');
    // 2. The service's own steps: the activator releases or refuses what it holds.
    for (const { name, action } of registrations.drains) await attempt(logger, name, action);
    // 3. The loops finish the step at hand, store their snapshots, give up their leases.
    stop.abort(new Error(`${service} is ending`));
    await Promise.all(registrations.tasks.map((task) => task.action));
    // 4. Connections close, the last made first.
    for (const { name, action } of registrations.closes.toReversed()) {
      await attempt(logger, name, action);
    }
  };

  readiness.condition('not draining').set(true, 'running');
  const bootMs = clock.nowMs();
  const hasEnded = (incarnation: string) => isEarlierRun(instance, bootMs, incarnation);
  const life: Life = {
    service,
    instance,
    incarnation: incarnationOf(instance, bootMs),
    ...(options.isSole === true ? { hasEnded } : {}),
    signal: stop.signal,
    logger,
    metrics: new Registry(),
    telemetry: options.telemetry ?? silentTelemetry,
    clock,
    random,
    readiness: (name) => readiness.condition(name),
    onDrain: (name, action) => void registrations.drains.push({ name, action }),
    onClose: (name, action) => void registrations.closes.push({ name, action }),
    run: registrations.run,
    announce: (details) => {
      announced = { ...announced, ...details };
    },
    crash: (error) => options.onCrash(error),
  };
  return { life, readiness, announced: () => announced, drain };
};
