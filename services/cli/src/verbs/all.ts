/** `all`: like `up`, with every stage in this one process: the same code on the same bus. */
import { join } from 'node:path';
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

const startHere = async (
  service: WatchedService,
  topology: Topology,
  { definitionOf, onCrash }: Required<HereOptions> & { onCrash: (error: unknown) => void },
): Promise<RunningService> => {
  const definition = await definitionOf(service);
  const env = serviceEnvironment(service, topology);
  const read = readConfig(definition.configSchema, env);
  if (!read.ok) {
    const message = describeProblems(read.problems);
    throw new OutsideError('PART_FAILED', message, { retriable: false });
  }
  return startService(definition, read.config, {
    onCrash,
    logger: fileLogger(join(topology.data.logs, `${service}.log`)),
    processMetrics: false,
    env,
  });
};

interface HereOptions {
  readonly definitionOf?: (service: WatchedService) => Promise<ServiceDefinition>;
}

/**
 * Starts stages in this process. A bug in one rejects `crashed`, as it would end its own process,
 * and `ready` of all that are being started: nobody waits for those after it.
 */
export const stagesHere = ({
  definitionOf = definitionOfService,
}: HereOptions = {}): Required<RunOptions> => {
  const { promise: crashed, reject: onCrash } = Promise.withResolvers<never>();
  // Who waits for it does so later, when all is started.
  crashed.catch(() => undefined);
  const startStage: StartStage = (service, topology, tell) => {
    const begun = startHere(service, topology, { definitionOf, onCrash });
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
        const running = await begun.catch(() => undefined);
        await running?.drain();
      },
    };
  };
  return { startStage, crashed };
};

/** `flyball all`. */
export const all = (context: Context, options: UpOptions): Promise<number> =>
  runMachine(context, options, stagesHere());
