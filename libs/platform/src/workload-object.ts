/** A workload as a platform keeps it, and what each kind of write makes of it. Pure. */
import type { OutsideErrorCode, Routing, WorkloadKey } from '@flyball/contracts';
import { hostsAnnotated } from './annotations.ts';
import type { ScaleRequest, WorkloadSeen } from './platform.ts';

/** The most replicas that an object can ask for; what a pod table of one machine can bear. */
export const replicasMax = 10_000;

/** What a manifest says of a workload. */
export interface WorkloadSpec {
  readonly workload: WorkloadKey;
  readonly annotations: Readonly<Record<string, string>>;
  /** 0 is no limit. */
  readonly containerConcurrency: number;
  readonly timeoutSeconds: number;
  readonly reachable: boolean;
  /** Asked for when the object is new, and when this number itself changes. */
  readonly replicas: number;
}

/** The stored object. `Spec` may hold more than stages see, such as the command of a pod. */
export interface WorkloadObject<Spec extends WorkloadSpec = WorkloadSpec> {
  readonly spec: Spec;
  readonly uid: string;
  /** A whole number that only grows over all objects of a platform. */
  readonly resourceVersion: number;
  readonly replicas: number;
  /** Who wrote `replicas` last. */
  readonly fieldManager: string;
  readonly routing: Routing;
  readonly createdAtMs: number;
}

export interface Refusal {
  readonly ok: false;
  readonly code: Extract<
    OutsideErrorCode,
    'PLATFORM_CONFLICT' | 'PLATFORM_GONE' | 'PLATFORM_REFUSED'
  >;
  readonly message: string;
  /** What may be given instead, in words. */
  readonly allowed: string;
}

export type Written<Spec extends WorkloadSpec> =
  | { readonly ok: true; readonly object: WorkloadObject<Spec>; readonly changed: boolean }
  | Refusal;

const refuse = (code: Refusal['code'], message: string, allowed: string): Refusal => ({
  ok: false,
  code,
  message,
  allowed,
});

export const goneRefusal = (workload: WorkloadKey): Refusal =>
  refuse('PLATFORM_GONE', `there is no workload ${workload}`, 'an existing workload');

/** A scale write; without a resourceVersion it is taken whatever was written before. */
export type ScaleWrite = Omit<ScaleRequest, 'resourceVersion'> & {
  readonly resourceVersion?: string | undefined;
  readonly fieldManager: string;
};

/** Writes `/scale`. The same number by the same writer changes nothing. */
export const scaleObject = <Spec extends WorkloadSpec>(
  current: WorkloadObject<Spec> | undefined,
  write: ScaleWrite,
  nextResourceVersion: number,
): Written<Spec> => {
  const { workload, replicas, resourceVersion, fieldManager } = write;
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > replicasMax) {
    const allowed = `a whole number from 0 to ${replicasMax}`;
    return refuse('PLATFORM_REFUSED', `replicas of ${workload} cannot be ${replicas}`, allowed);
  }
  if (current === undefined) return goneRefusal(workload);
  if (resourceVersion !== undefined && resourceVersion !== String(current.resourceVersion)) {
    return refuse(
      'PLATFORM_CONFLICT',
      `${workload} changed: resourceVersion ${resourceVersion} was given`,
      `the newest resourceVersion, ${current.resourceVersion}`,
    );
  }
  if (replicas === current.replicas && fieldManager === current.fieldManager) {
    return { ok: true, object: current, changed: false };
  }
  const object = { ...current, replicas, fieldManager, resourceVersion: nextResourceVersion };
  return { ok: true, object, changed: true };
};

export interface ApplyWrite<Spec extends WorkloadSpec> {
  readonly spec: Spec;
  readonly fieldManager: string;
  /** For an object that is new. */
  readonly uid: string;
  readonly atMs: number;
}

const sameJson = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/**
 * Creates the object, or replaces its spec. Replicas that were scaled since stay as they are,
 * unless the spec's own number was edited: then its writer takes the field.
 */
export const applyObject = <Spec extends WorkloadSpec>(
  current: WorkloadObject<Spec> | undefined,
  write: ApplyWrite<Spec>,
  nextResourceVersion: number,
): { readonly object: WorkloadObject<Spec>; readonly changed: boolean } => {
  const { spec, fieldManager, uid, atMs } = write;
  if (current === undefined) {
    const object: WorkloadObject<Spec> = {
      spec,
      uid,
      resourceVersion: nextResourceVersion,
      replicas: spec.replicas,
      fieldManager,
      routing: 'activator',
      createdAtMs: atMs,
    };
    return { object, changed: true };
  }
  if (sameJson(current.spec, spec)) return { object: current, changed: false };
  const edited = spec.replicas !== current.spec.replicas;
  const object = {
    ...current,
    spec,
    resourceVersion: nextResourceVersion,
    ...(edited ? { replicas: spec.replicas, fieldManager } : {}),
  };
  return { object, changed: true };
};

/** What the stages see of an object. */
export const seenOf = (object: WorkloadObject): WorkloadSeen => ({
  workload: object.spec.workload,
  uid: object.uid,
  resourceVersion: String(object.resourceVersion),
  replicas: object.replicas,
  fieldManager: object.fieldManager,
  annotations: object.spec.annotations,
  containerConcurrency: object.spec.containerConcurrency,
  timeoutSeconds: object.spec.timeoutSeconds,
  reachable: object.spec.reachable,
  hosts: hostsAnnotated(object.spec.annotations),
  createdAtMs: object.createdAtMs,
});
