/** A pod at work: what its processes, its probes and its drain change, and how it is shown. */
import { join } from 'node:path';
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import type { PodSeen } from '@flyball/platform';
import type { Addresses, Place } from './addresses.ts';
import { type StartedProcess, startProcess } from './child-process.ts';
import type { Connections } from './connections.ts';
import type { NodeSettings } from './node-settings.ts';
import { type PodTemplate, podEnv, queueProxyEnv } from './pod-template.ts';
import { type ProbeAnswer, probe } from './probe.ts';
import { type StartingCount, startProbing } from './probing.ts';
import type { ProcessRecords } from './process-records.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/** What all pods of a node share. */
export interface PodGround {
  readonly settings: NodeSettings;
  readonly addresses: Addresses;
  readonly records: ProcessRecords;
  readonly connections: Connections;
  readonly starting: StartingCount;
}

export interface PodOptions {
  readonly workload: WorkloadKey;
  readonly pod: string;
  readonly template: PodTemplate;
  /** Told after each change of what is seen. */
  readonly onChange: (seen: PodSeen) => void;
  readonly onCrash: () => void;
}

export type Part = 'app' | 'queue-proxy';

export interface PodWork {
  readonly ground: PodGround;
  readonly options: PodOptions;
  readonly parts: ReadonlyMap<Part, SupervisedProcess>;
  /** The parts whose process runs. */
  readonly up: Set<Part>;
  place: Place;
  seen: PodSeen;
  draining: boolean;
  stopProbing: () => void;
}

export const partsOf = ({ queueProxy }: PodTemplate): readonly Part[] =>
  queueProxy ? ['app', 'queue-proxy'] : ['app'];

export const logPath = (dataDir: string, { workload, pod }: PodOptions, part: Part): string => {
  const { namespace, name } = workloadName(workload);
  const suffix = part === 'app' ? '' : '.queue-proxy';
  return join(dataDir, 'pods', namespace, name, `${pod}${suffix}.log`);
};

/** Where requests go and how it is spoken to there, and where the queue-proxy's metrics are. */
export const addressesOf = (
  { host, port, queuePort, queueMetricsPort }: Place,
  { queueProxy, protocol }: PodTemplate,
): Pick<PodSeen, 'address' | 'metricsAddress' | 'protocol'> => ({
  address: `${host}:${queueProxy ? queuePort : port}`,
  metricsAddress: queueProxy ? `${host}:${queueMetricsPort}` : null,
  ...(protocol === undefined ? {} : { protocol }),
});

export const show = (work: PodWork, change: Partial<PodSeen>): void => {
  work.seen = { ...work.seen, ...change };
  work.options.onChange(work.seen);
};

/** Starts one of the pod's processes where the pod is now. */
export const startPart = (work: PodWork, part: Part): StartedProcess => {
  const { ground, options, place } = work;
  const { settings, records } = ground;
  const { workload, pod, template } = options;
  const names = { workload, pod, place };
  const isApp = part === 'app';
  return startProcess({
    what: `${workload} ${pod} ${part}`,
    command: isApp ? template.command : settings.queueProxyCommand,
    env: (isApp ? podEnv : queueProxyEnv)(settings.baseEnv, template, names),
    cwd: settings.podDir,
    logPath: logPath(settings.dataDir, options, part),
    records,
    onTrouble: (error) =>
      settings.logger.warn({ err: error, pod }, 'a record or log of a pod cannot be written'),
  });
};

const slowMessage = ({ host, port }: Place, why: string): string =>
  `not yet: ${why}; the command must listen on HOST and PORT (${host}:${port})`;

/** The app must answer; the queue-proxy must accept, for a request would count as traffic. */
const askAll = async ({ place, options, ground }: PodWork): Promise<ProbeAnswer> => {
  const { host, port, queuePort } = place;
  const { template } = options;
  const { timeoutMs } = ground.settings.limits.probe;
  const asked = [probe({ host, port, path: template.probePath }, timeoutMs)];
  if (template.queueProxy) asked.push(probe({ host, port: queuePort, path: null }, timeoutMs));
  const [app, queueProxy] = await Promise.all(asked);
  return app ?? (queueProxy === undefined ? undefined : `its queue-proxy: ${queueProxy}`);
};

/** A process was started: when all run, they are asked whether they answer. */
export const partUp = (work: PodWork, part: Part): void => {
  const { ground, up, options } = work;
  up.add(part);
  if (up.size < partsOf(options.template).length || work.draining) return;
  work.stopProbing();
  work.stopProbing = startProbing({
    clock: ground.settings.clock,
    limits: ground.settings.limits.probe,
    starting: ground.starting,
    ask: () => askAll(work),
    onReady: () => show(work, { ready: true, unreadyReason: null, message: '' }),
    onFailed: (why) => show(work, { ready: false, unreadyReason: 'probe-failed', message: why }),
    onSlow: (why) =>
      show(work, { unreadyReason: 'probe-failed', message: slowMessage(work.place, why) }),
  });
};

/** A process ended unasked. */
export const partDown = (work: PodWork, part: Part, message: string, restartInMs: number): void => {
  work.up.delete(part);
  work.stopProbing();
  if (work.draining) return;
  const who = part === 'app' ? '' : 'its queue-proxy: ';
  const again = `starts again in ${restartInMs} ms`;
  show(work, { ready: false, unreadyReason: 'crashed', message: `${who}${message}; ${again}` });
  work.options.onCrash();
};

/** What took a port of the pod from outside of us keeps it: the whole pod moves. */
export const moveIfTaken = async (work: PodWork, part: Part): Promise<void> => {
  const { ground, options, place } = work;
  const { host, port, queuePort, queueMetricsPort } = place;
  const ports = part === 'app' ? [port] : [queuePort, queueMetricsPort];
  if (await ground.addresses.isFree(host, ports)) return;
  if (work.draining || work.place !== place) return;
  work.place = ground.addresses.take();
  ground.addresses.release(place);
  const message = `${host}:${ports.join(', ')} is in use by another program; the pod moved`;
  show(work, { ...addressesOf(work.place, options.template), message });
  for (const [other, process] of work.parts) if (other !== part) process.restart();
};
