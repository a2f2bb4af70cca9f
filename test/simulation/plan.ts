/** What one run does: plain data, so that it can be printed, repeated, and made smaller. */
import type { WorkloadKey } from '@flyball/contracts';
import type { PlatformCall, Fault as PlatformFault } from '@flyball/platform';
import type { PodStart } from './world/pods.ts';
import type { Canary } from './world/simulated-log.ts';
import type { Rates } from './world/weather.ts';

export const shellNames = ['windower', 'decider', 'actuator', 'watcher', 'activator'] as const;
export type ShellName = (typeof shellNames)[number];

/** So many clients ask without a pause, each again as soon as it was answered. */
export interface Phase {
  readonly atMs: number;
  readonly users: number;
}

/** A part of the story that the undisturbed run has too. */
export type ScriptAct =
  | {
      readonly kind: 'apply';
      readonly atMs: number;
      readonly workload: WorkloadKey;
      readonly annotations: Readonly<Record<string, string>>;
      readonly replicas: number;
      readonly containerConcurrency: number;
    }
  | { readonly kind: 'delete'; readonly atMs: number; readonly workload: WorkloadKey }
  | {
      readonly kind: 'configure';
      readonly atMs: number;
      readonly config: Readonly<Record<string, string>>;
    };

export interface WorkloadPlan {
  readonly workload: WorkloadKey;
  readonly serviceMsMin: number;
  readonly serviceMsMax: number;
  /** The share of requests that take twenty times as long. */
  readonly long: number;
  readonly patienceMs: number;
  readonly phases: readonly Phase[];
}

type OfProcess = { readonly atMs: number; readonly process: string };

/** Something that goes wrong, and what of it must be mended when the faults end. */
export type Fault =
  | ({ readonly kind: 'kill' } & OfProcess)
  | ({ readonly kind: 'drain' } & OfProcess)
  | ({ readonly kind: 'freeze'; readonly forMs: number } & OfProcess)
  | ({ readonly kind: 'cut'; readonly forMs: number } & OfProcess)
  | ({ readonly kind: 'skew'; readonly byMs: number } & OfProcess)
  | ({
      readonly kind: 'ambush';
      readonly call: string;
      readonly strike: 'freeze' | 'kill before' | 'kill after';
      readonly forMs: number;
    } & OfProcess)
  | {
      /** A second owner of everything, who knows nothing of the leases of the others. */
      readonly kind: 'rival';
      readonly atMs: number;
      readonly shell: Exclude<ShellName, 'activator'>;
      readonly forMs: number;
    }
  | { readonly kind: 'restart bus'; readonly atMs: number; readonly forMs: number }
  | {
      readonly kind: 'lose tail';
      readonly atMs: number;
      readonly stream: 'EVENTS' | 'SAMPLES' | 'MINUTES';
      readonly messages: number;
      /** It is lost while what is decided at the next tick is on its way. */
      readonly busy: boolean;
      readonly forMs: number;
    }
  | { readonly kind: 'empty windows'; readonly atMs: number }
  | { readonly kind: 'stale windows'; readonly atMs: number; readonly byMs: number }
  | { readonly kind: 'windows away'; readonly atMs: number; readonly forMs: number }
  | {
      readonly kind: 'platform answers';
      readonly atMs: number;
      readonly call: PlatformCall;
      readonly answer: PlatformFault;
      readonly times: number;
    }
  | { readonly kind: 'blind'; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'pod start'; readonly atMs: number; readonly start: PodStart }
  | { readonly kind: 'crash pod'; readonly atMs: number; readonly number: number }
  | { readonly kind: 'lose pod'; readonly atMs: number; readonly number: number }
  | {
      readonly kind: 'drift';
      readonly atMs: number;
      readonly workload: WorkloadKey;
      readonly replicas: number;
    }
  | {
      readonly kind: 'roads';
      readonly atMs: number;
      readonly forMs: number;
      readonly rates: Rates;
    };

export type FaultKind = Fault['kind'];

export interface Plan {
  readonly seed: number;
  readonly partitionCount: number;
  /** Which the memory server looks at first, as server versions differ. */
  readonly checksFirst: 'fence' | 'id';
  readonly replicas: Readonly<Record<ShellName, number>>;
  readonly waitingChangesMax: number;
  readonly keepEveryMs: number;
  readonly workloads: readonly WorkloadPlan[];
  readonly script: readonly ScriptAct[];
  readonly faults: readonly Fault[];
  /** All faults have ended by then. */
  readonly calmAtMs: number;
  readonly endAtMs: number;
  readonly canary: Canary;
}

/** How long an undisturbed run needs from its last change to rest: windows and grace. */
const restMs = 18_000;

/**
 * The same story without anything going wrong: every act in its order, but only the last load, as
 * only the end is looked at. Loads are drawn so that the end does not depend on the way to it.
 */
export const undisturbed = (plan: Plan): Plan => {
  const script = plan.script.map((step, number) => ({ ...step, atMs: number * 100 }));
  const calmAtMs = script.length * 100;
  const workloads = plan.workloads.map((one) => {
    const last = one.phases.at(-1);
    return { ...one, phases: last === undefined ? [] : [{ ...last, atMs: calmAtMs }] };
  });
  return {
    ...plan,
    script,
    workloads,
    faults: [],
    canary: 'none',
    calmAtMs,
    endAtMs: calmAtMs + restMs,
  };
};
