/** `all`: like `up`, with every stage in this one process: the same code on the same bus. */
import { join } from 'node:path';
import { activator } from '@flyball/activator';
import { actuator } from '@flyball/actuator';
import { collector } from '@flyball/collector';
import { OutsideError } from '@flyball/contracts';
import { decider } from '@flyball/decider';
import {
  describeProblems,
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
import { type StageService, serviceEnvironment, type WatchedService } from '../up/topology.ts';
import { runMachine, type UpOptions } from './up.ts';

const stages: Readonly<Record<StageService, ServiceDefinition>> = {
  watcher,
  windower,
  decider,
  actuator,
  collector,
  activator,
};

const definitionOf = async (service: WatchedService): Promise<ServiceDefinition> => {
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

/** Starts a stage here; a bug in it ends the whole process, as it would end its own. */
const startHere =
  (onCrash: (service: WatchedService, error: unknown) => void): StartStage =>
  (service, topology, tell) => {
    const begin = async () => {
      const definition = await definitionOf(service);
      const env = serviceEnvironment(service, topology);
      const read = readConfig(definition.configSchema, env);
      if (!read.ok) {
        const message = describeProblems(read.problems);
        throw new OutsideError('PART_FAILED', message, { retriable: false });
      }
      const running = await startService(definition, read.config, {
        onCrash: (error) => onCrash(service, error),
        logger: fileLogger(join(topology.data.logs, `${service}.log`)),
        processMetrics: false,
        env,
      });
      const identity = identify(service, process.pid);
      if (identity !== undefined) tell({ kind: 'started', name: service, identity });
      tell({ kind: 'ready', name: service, healthUrl: running.healthUrl });
      return running;
    };
    const begun = begin();
    return {
      name: service,
      ready: begun.then(() => undefined),
      pid: () => process.pid,
      stop: async () => {
        const running = await begun.catch(() => undefined);
        await running?.drain();
      },
    };
  };

/** `flyball all`. */
export const all = (context: Context, options: UpOptions): Promise<number> => {
  const crashed = Promise.withResolvers<never>();
  const startStage = startHere((_service, error) => crashed.reject(error));
  return runMachine(context, options, { startStage, crashed: crashed.promise });
};
