/** What a node is given: where it keeps things, how it starts pods, and its limits. */
import type { Clock } from '@flyball/service';
import type { Logger } from 'pino';
import type { ProbeLimits } from './probing.ts';
import type { RestartLimits } from './supervised-process.ts';

interface NodeLimits {
  /** Pods of all workloads; more are not started until others are gone. */
  readonly podsMax: number;
  /** A draining pod is left alone this long, so that everyone has stopped sending to it. */
  readonly drainDelayMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly terminationGraceMs: number;
  /** The same when the whole node ends. */
  readonly shutdownGraceMs: number;
  readonly restart: RestartLimits;
  readonly probe: ProbeLimits;
}

export interface NodeSettings {
  readonly dataDir: string;
  /** What pods have in their environment beside their own: PATH, HOME, LANG … */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** The directory in which commands run. */
  readonly podDir: string;
  /** Program and arguments of the queue-proxy; empty when there is none. */
  readonly queueProxyCommand: readonly string[];
  /** Waits this long before a pod's process starts; for measurements. */
  readonly podDelayMs: number;
  readonly limits: NodeLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}
