/** `all`: like `up`, with every stage in this one process: the same code on the same bus. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { activator } from '@flyball/activator';
import { actuator } from '@flyball/actuator';
import { collector } from '@flyball/collector';
import { OutsideError } from '@flyball/contracts';
import { decider } from '@flyball/decider';
import {
  describeProblems,
  type RunningService,
  readConfig,
  type ServiceDefinition,
  startService,
} from '@flyball/service';
import { watcher } from '@flyball/watcher';
import { windower } from '@flyball/windower';
import { type Logger, pino } from 'pino';
import type { Context } from '../context.ts';
import type { StartStage } from '../up/machine.ts';
import { identify } from '../up/process-identity.ts';
import {
  type StageService,
  serviceEnvironment,
  type Topology,
  type WatchedService,
} from '../up/topology.ts';
import { type RunOptions, runMachine, type UpOptions } from './up.ts';

/** For the last words, where a stage that was left behind would keep the process for ever. */
const exitAfterMs = 1_000;

const stages: Readonly<Record<StageService, ServiceDefinition>> = {
  watcher,
  windower,
  decider,
  actuator,
  collector,
  activator,
};

const definitionOfService = async (service: WatchedService): Promise<ServiceDefinition> => {
  if (service !== 'console') return stages[service];
  // Loaded only where it is started: every verb would wait for its web server.
  const { consoleService } = await import('@flyball/console');
  return consoleService;
};

/** As a process of its own a stage logs to stdout, which `up` keeps in the same file. */
const fileLogger = (path: string): Logger =>
  pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: path, append: true, sync: true }),
  );

const planHere = async (
  service: WatchedService,
  topology: Topology,
  { definitionOf }: Required<HereOptions>,
) => {
  const definition = await definitionOf(service);
  const env = serviceEnvironment(service, topology);
  const read = readConfig(definition.configSchema, env);
  if (!read.ok) {
    const message = describeProblems(read.problems);
    throw new OutsideError('PART_FAILED', message, { retriable: false });
  }
  return { definition, config: read.config, env };
};

const startHere = async (
  { definition, config, env }: Awaited<ReturnType<typeof planHere>>,
  logPath: string,
  onCrash: (error: unknown) => void,
): Promise<RunningService> =>
  startService(definition, config, {
    ...{ onCrash, logger: fileLogger(logPath), processMetrics: false, env },
  });

/** What it has become within so many milliseconds: undefined where it failed. */
const within = async <Value>(limitMs: number, pending: Promise<Value>) => {
  const over = new AbortController();
  const late = wait(limitMs, 'late' as const, { signal: over.signal }).catch(() => undefined);
  const result = await Promise.race([pending.catch(() => undefined), late]);
  over.abort();
  return result;
};

interface StagesHere extends Required<RunOptions> {
  /** Stages that could not be ended: what they have open keeps the process. */
  readonly leftBehind: ReadonlySet<WatchedService>;
}

interface HereOptions {
  readonly definitionOf?: (service: WatchedService) => Promise<ServiceDefinition>;
}

/**
 * Starts stages in this process. A bug in one rejects `crashed`, as it would end its own process,
 * and `ready` of all that are being started: nobody waits for those after it.
 */
export const stagesHere = ({
  definitionOf = definitionOfService,
}: HereOptions = {}): StagesHere => {
  const leftBehind = new Set<WatchedService>();
  const { promise: crashed, reject: onCrash } = Promise.withResolvers<never>();
  // Who waits for it does so later, when all is started.
  crashed.catch(() => undefined);
  const startStage: StartStage = (service, topology, tell) => {
    const planned = planHere(service, topology, { definitionOf });
    const logPath = join(topology.data.logs, `${service}.log`);
    const begun = planned.then((plan) => startHere(plan, logPath, onCrash));
    const started = begun.then(({ healthUrl }) => {
      const identity = identify(service, process.pid);
      if (identity !== undefined) tell({ kind: 'started', name: service, identity });
      tell({ kind: 'ready', name: service, healthUrl });
    });
    return {
      name: service,
      ready: Promise.race([crashed, started]),
      pid: () => process.pid,
      stop: async () => {
        const plan = await planned.catch(() => undefined);
        if (plan === undefined) return;
        // What it waits for as it starts may never come, as after a bug in another.
        const running = await within(plan.config.drainLimitMs, begun);
        if (running === 'late') leftBehind.add(service);
        else
          await running?.drain().catch((error: unknown) => {
            running.logger.error({ err: error }, 'could not end');
            leftBehind.add(service);
          });
      },
    };
  };
  return { startStage, crashed, leftBehind };
};

/** `flyball all`. */
export const all = async (context: Context, options: UpOptions): Promise<number> => {
  const here = stagesHere();
  try {
    return await runMachine(context, options, here);
  } finally {
    // With the code that is told by then; a process that can end by itself does not wait for it.
    if (here.leftBehind.size > 0) setTimeout(() => process.exit(), exitAfterMs).unref();
  }
};
