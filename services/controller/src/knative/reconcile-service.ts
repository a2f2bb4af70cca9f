/** Carries out the plan of one Knative Service, as far as something differs. */
import { OutsideError } from '@flyball/contracts';
import { canonicalJson } from '@flyball/platform/kubernetes';
import { differs } from '../objects/adjust.ts';
import type { ClusterObject } from '../objects/cluster-object.ts';
import type { EventRecorder } from '../objects/event-recorder.ts';
import type { ObjectWriter } from '../objects/object-writer.ts';
import type { KnativeService } from './knative-service.ts';
import type { Observed, ServingSettings } from './observed.ts';
import { planService, type ServicePlan } from './plan-service.ts';

export interface ReconcileParts {
  readonly writer: ObjectWriter;
  readonly events: EventRecorder;
  /** False as soon as the partition is somebody else's: then nothing is written any more. */
  readonly isHeld: () => boolean;
}

export interface ReconcileInputs {
  readonly observed: Observed;
  readonly settings: ServingSettings;
}

/** What the API server will not take is told in the status; it is no matter of trying again. */
const refusalOf = (error: unknown): string | undefined =>
  error instanceof OutsideError && error.code === 'PLATFORM_REFUSED' ? error.message : undefined;

/**
 * Answers what the API server refused first, if anything; the other objects are written all the
 * same. Rejects with ClusterError for the rest.
 */
const writeObjects = async (
  { wanted, unwanted, revisions }: ServicePlan,
  written: Set<ClusterObject>,
  { writer, isHeld }: ReconcileParts,
): Promise<string | undefined> => {
  let refused: string | undefined;
  for (const { object, current } of wanted) {
    if (current !== undefined && !differs(current, object)) continue;
    if (!isHeld()) return refused;
    try {
      await (current === undefined ? writer.create(object) : writer.replace(object));
      if (current !== undefined) written.add(current);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      refused ??= refusal;
      // It could not be made: nothing may be led to it.
      if (object === revisions.target?.deployment) return refused;
    }
  }
  // Where something was refused, requests may still go to what nobody needs otherwise.
  if (refused !== undefined) return refused;
  for (const object of unwanted) {
    if (isHeld()) await writer.remove(object);
  }
  return undefined;
};

const writeStatuses = async (
  { statuses }: ServicePlan,
  written: ReadonlySet<ClusterObject>,
  { writer, isHeld }: ReconcileParts,
): Promise<void> => {
  for (const { object, status } of statuses) {
    const isSame = canonicalJson(object.status ?? {}) === canonicalJson(status);
    // What was just written has a newer resourceVersion: its status follows when it is seen.
    if (isSame || written.has(object) || !isHeld()) continue;
    await writer.replaceStatus(object, status);
  }
};

/**
 * One round: objects, then their statuses, then what is told of them. What is made here comes back
 * as a change, and is looked at again. Rejects with ClusterError, PLATFORM_CONFLICT above all.
 */
export const reconcileService = async (
  service: KnativeService,
  inputs: ReconcileInputs,
  parts: ReconcileParts,
): Promise<void> => {
  const written = new Set<ClusterObject>();
  const plan = planService(service, inputs);
  const refusal = await writeObjects(plan, written, parts);
  const told = refusal === undefined ? plan : planService(service, { ...inputs, refusal });
  await writeStatuses(told, written, parts);
  for (const { about = service, ...notice } of told.notices) {
    if (parts.isHeld()) await parts.events.record(about, notice);
  }
};
