/** The life of a service: what it owns, how it is seen from outside, and how it ends. */
import type { Telemetry } from '@flyball/telemetry';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock } from './clock.ts';
import type { Condition } from './readiness.ts';

/** What a service is given to live by. */
export interface Life {
  /** The service's name: `windower`. */
  readonly service: string;
  /** FLYBALL_INSTANCE. */
  readonly instance: string;
  /** `<instance>-<boot>`: tells this run from every other one, earlier runs included. */
  readonly incarnation: string;
  /**
   * True of an earlier run under the same instance, where it is certain that such a one has ended:
   * its leases are free. Absent where that is not certain.
   */
  readonly hasEnded?: (incarnation: string) => boolean;
  /** Aborts when draining has come to the loops: finish the step at hand, then return. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Its own registry: several services may live in one process. */
  readonly metrics: Registry;
  /** Where its spans go; silent where nobody listens, and of a service that tells none. */
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** A number in [0, 1) for jitter; never for ids. */
  readonly random: () => number;
  /** A condition of readiness; not ok until it is set. */
  readiness(name: string): Condition;
  /** Runs at drain, in order of registration, before `signal` aborts. */
  onDrain(name: string, step: () => Promise<void>): void;
  /** Runs last, in reverse order of registration. */
  onClose(name: string, close: () => Promise<void>): void;
  /** A loop that lives as long as the service; its error is a crash. Awaited at drain. */
  run(name: string, task: (signal: AbortSignal) => Promise<void>): void;
  /** Details for who started this process: `{ gatewayUrl: … }`; told when it listens. */
  announce(details: Readonly<Record<string, string | number>>): void;
  /** Ends the process at once: a broken invariant. It comes back from the log. */
  crash(error: unknown): void;
}
