/** Does a list of faults, those of one kind of bed together, and tells how it goes. */
import { execFileSync } from 'node:child_process';
import { availableNatsServers, type NatsServerBinary } from '@flyball/event-log/testing';
import { type Bed, type BedKind, withBed } from './bed/bed.ts';
import type { Fault, FaultResult } from './fault.ts';
import { runFault } from './run-fault.ts';

/** Clusters of an older one lose their way more often than is of interest here. */
const clusterVersionLeast = [2, 10] as const;

export interface FaultsOptions {
  readonly rounds: number;
  /** Another nats-server than the one that `up` would find. */
  readonly nats?: NatsServerBinary | undefined;
  /** Where the services' logs go, a folder for each kind of bed. */
  readonly logs?: string | undefined;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
  readonly began: (fault: Fault) => void;
  readonly ended: (result: FaultResult) => void;
}

const skippedResult = (name: string, skipped: string): FaultResult => ({
  ...{ name, rounds: 0, sent: 0, lost: {}, allowedLost: 0 },
  ...{ eventsLost: 0, eventsNamed: 0, eventsDoubled: 0, moves: 0 },
  ...{ recoveryMs: [], coldStartMs: [], problems: [], skipped },
});

/** May this process mount, without anybody else seeing it? The command sees to that. */
const mountsAreOurs = (): boolean => {
  const tools = { mount: ['-t', 'tmpfs', 'none', '/mnt'], umount: ['/mnt'] };
  try {
    for (const [tool, args] of Object.entries(tools)) execFileSync(tool, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const isAtLeast = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [ours = 0, theirs = 0] = version.split('.').map(Number);
  return ours > major || (ours === major && theirs >= minor);
};

interface Terms {
  readonly nats: NatsServerBinary | undefined;
  /** Why such a bed cannot be had here. */
  readonly missing?: string;
}

const termsOf = async (kind: BedKind, given: NatsServerBinary | undefined): Promise<Terms> => {
  if (kind === 'small disk' && (process.env.FAULTS_OWN_MOUNTS !== 'yes' || !mountsAreOurs())) {
    return { nats: given, missing: 'a small disk cannot be mounted here (unshare --mount)' };
  }
  if (kind !== 'cluster') return { nats: given };
  const all = given === undefined ? await availableNatsServers() : [given];
  const nats = all.findLast(({ version }) => isAtLeast(version, clusterVersionLeast));
  if (nats !== undefined) return { nats };
  const [major, minor] = clusterVersionLeast;
  return { nats, missing: `no nats-server of ${major}.${minor} or newer is here` };
};

/** A fault that could not be done or judged, for whatever reason: the bed may be in ruins. */
const brokenResult = (fault: Fault, error: unknown): FaultResult => {
  const { skipped: _never, ...empty } = skippedResult(fault.name, '');
  const message = error instanceof Error ? error.message : String(error);
  return { ...empty, problems: [`it could not be done: ${message}`] };
};

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });

/** Does them one after the other on this bed, as far as one that breaks it. */
const runOn = async (
  bed: Bed,
  wanted: readonly Fault[],
  { signal, tell, began, ended, rounds: asked }: FaultsOptions,
): Promise<readonly FaultResult[]> => {
  const results: FaultResult[] = [];
  for (const fault of wanted) {
    began(fault);
    const rounds = Math.min(asked, fault.roundsMax ?? asked);
    const running = runFault(bed, fault, { rounds, tell }).then(
      (result) => ({ result, isWhole: true }),
      (error: unknown) => ({ result: brokenResult(fault, error), isWhole: false }),
    );
    const { result, isWhole } = await Promise.race([running, untilAborted(signal)]);
    results.push(result);
    ended(result);
    if (!isWhole) break;
  }
  return results;
};

/** Does all of them, on as many beds as it takes. */
const runKind = async (
  kind: BedKind,
  wanted: readonly Fault[],
  options: FaultsOptions,
): Promise<readonly FaultResult[]> => {
  const { nats, missing } = await termsOf(kind, options.nats);
  if (missing !== undefined) return wanted.map(({ name }) => skippedResult(name, missing));
  const { tell, logs } = options;
  const results: FaultResult[] = [];
  while (results.length < wanted.length) {
    tell(`starting a Flyball (${kind})`);
    const left = wanted.slice(results.length);
    results.push(
      ...(await withBed({ kind, nats, logs, tell }, (bed) => runOn(bed, left, options))),
    );
  }
  return results;
};

/** Resolves with a result for each fault, in their order; rejects when it is aborted. */
export const runFaults = async (
  wanted: readonly Fault[],
  options: FaultsOptions,
): Promise<readonly FaultResult[]> => {
  const results = new Map<string, FaultResult>();
  for (const [kind, faults] of Map.groupBy(wanted, ({ bed }) => bed)) {
    for (const result of await runKind(kind, faults, options)) results.set(result.name, result);
  }
  return wanted.flatMap(({ name }) => results.get(name) ?? []);
};
