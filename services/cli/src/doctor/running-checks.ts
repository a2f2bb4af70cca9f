/** How the parts of a running Flyball are: each service's own word, the stores, the platform. */
import { readPartitionCount } from '@flyball/event-log';
import { counted, illAmong, oneLine } from '@flyball/reading';
import { connectRedisWindows } from '@flyball/window-store';
import { z } from 'zod';
import { connectPlatform, connectReader, type Running } from '../running.ts';
import { stageServices } from '../up/topology.ts';
import { advised, attempt, type Check, failed, passed } from './check.ts';
import { foundLog } from './found-log.ts';
import { checkTraces } from './traces-check.ts';

/** A part that does not answer within this time is not well. */
const answerWithinMs = 3_000;

const readySchema = z.object({
  ready: z.boolean(),
  conditions: z.array(z.object({ name: z.string(), ok: z.boolean(), reason: z.string() })),
});

const logsMend = (service: string, dataPath: string): string =>
  `Look into ${dataPath}/logs/${service}.log; \`flyball up\` starts it again by itself.`;

/** Asks a service whether it is ready, and if not, why. */
export const checkService = async (
  service: string,
  healthUrl: string | undefined,
  dataPath: string,
): Promise<Check> => {
  const mend = logsMend(service, dataPath);
  if (healthUrl === undefined) return failed(service, 'has not started', mend);
  try {
    const signal = AbortSignal.timeout(answerWithinMs);
    const answer = await fetch(`${healthUrl}/readyz`, { signal });
    const { ready, conditions } = readySchema.parse(await answer.json());
    if (ready) return passed(service, `ready (${healthUrl})`);
    const missing = conditions.filter(({ ok }) => !ok);
    const reasons = missing.map(({ name, reason }) => `${name}: ${reason}`);
    return failed(service, `not ready: ${reasons.join('; ')}`, mend);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failed(service, `does not answer at ${healthUrl}: ${why}`, mend);
  }
};

const checkNats = (running: Running): Promise<Check> => {
  const mend = 'Look into logs/nats-server.log of the data folder, or at FLYBALL_NATS_URL.';
  return attempt('NATS', mend, async () => {
    const log = await connectReader(running);
    try {
      return await foundLog(log, await readPartitionCount(log));
    } finally {
      await log.close();
    }
  });
};

const checkRedis = ({ run }: Running): Promise<Check> => {
  const mend = 'Look into logs/redis-server.log of the data folder, or at FLYBALL_REDIS_URL.';
  return attempt('Redis', mend, async () => {
    const windows = await connectRedisWindows({
      url: run.redisUrl,
      connectTimeoutMs: answerWithinMs,
      commandTimeoutMs: answerWithinMs,
    });
    await windows.close();
    return passed('Redis', 'answers');
  });
};

type Pods = Awaited<ReturnType<ReturnType<typeof connectPlatform>['pods']>>;

/** Pods that crash or do not answer say why. */
export const judgePods = (found: string, pods: Pods): Check => {
  const ill = illAmong(pods);
  const [first] = ill;
  if (first === undefined) return passed('platform', found);
  return advised(
    'platform',
    `${found}, ${ill.length} not well: ${first.pod}: ${oneLine(first.message)}`,
    'Mend the workload and apply it again; what its pods wrote is in ' +
      `node/pods/${first.workload} of the data folder.`,
  );
};

const checkPlatform = (running: Running): Promise<Check> =>
  attempt('platform', 'Look into logs/local-node.log of the data folder.', async () => {
    const platform = connectPlatform(running);
    try {
      const [workloads, pods] = [await platform.workloads(), await platform.pods()];
      const found = `${counted(workloads.length, 'workload')}, ${counted(pods.length, 'pod')}`;
      return judgePods(found, pods);
    } finally {
      await platform.close();
    }
  });

/** Nothing of Flyball needs it, so none is looked for where none was wanted. */
const checkConsole = (run: Running['run'], dataPath: string): readonly Promise<Check>[] => {
  const { consoleUrl, healthUrls, traces } = run;
  if (consoleUrl === undefined) return [];
  const service = checkService('console', healthUrls.console, dataPath);
  return [service.then(notNeeded), ...(traces ? [checkTraces(consoleUrl)] : [])];
};

const notNeeded = (check: Check): Check => ({ ...check, needed: check.ok });

/** Every part of what runs, each asked by itself. */
export const checkRunning = (running: Running, dataPath: string): Promise<readonly Check[]> => {
  const { healthUrls } = running.run;
  return Promise.all([
    checkNats(running),
    checkRedis(running),
    checkPlatform(running),
    ...stageServices.map((service) => checkService(service, healthUrls[service], dataPath)),
    ...checkConsole(running.run, dataPath),
  ]);
};
