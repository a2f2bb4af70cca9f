/** Where a Knative Service's requests shall go: to its newest ready revision, or to a named one. */
import { z } from 'zod';
import { type KnativeService, type TrafficTarget, templateOf } from './knative-service.ts';
import type { Revision } from './revisions.ts';

/** Nobody has checked it before: the kind takes any `spec`. */
const askedSchema = z.array(
  z.looseObject({
    revisionName: z.string().nullish(),
    percent: z.number().nullish(),
  }),
);

export type TrafficPlan =
  | { readonly kind: 'latest' }
  | { readonly kind: 'revision'; readonly name: string }
  /** Not something that is done here; the traffic stays where it is. */
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string };

const whole = 100;

const refuse = (reason: string, message: string): TrafficPlan => ({
  kind: 'refused',
  reason,
  message,
});

/** All of it goes to one revision; shares are not in Flyball's scope. */
export const trafficPlanOf = (service: KnativeService): TrafficPlan => {
  const read = askedSchema.safeParse(service.spec?.traffic ?? []);
  if (!read.success) {
    return refuse('InvalidTraffic', 'traffic is not a list of revisionName and percent.');
  }
  const asked = templateOf(service) === undefined ? [] : read.data;
  const taking = asked.filter(({ percent }) => percent !== 0 && percent != null);
  const targets = taking.length === 0 ? asked.slice(0, 1) : taking;
  const [target] = targets;
  if (target === undefined) return { kind: 'latest' };
  if (targets.length > 1 || (target.percent ?? whole) !== whole) {
    const shares = targets.map((one) => `${one.revisionName ?? 'latest'}: ${one.percent}%`);
    return refuse(
      'TrafficSplitUnsupported',
      `Traffic cannot be shared (${shares.join(', ')}): give one target with percent: 100.`,
    );
  }
  if (target.revisionName == null || target.revisionName === '') return { kind: 'latest' };
  return { kind: 'revision', name: target.revisionName };
};

/** Of the revisions that are there; the newest one where none was ever ready: requests wait. */
export const targetAmong = (
  revisions: readonly Revision[],
  { plan, latestReady, now }: { plan: TrafficPlan; latestReady?: string; now?: string },
): Revision | undefined => {
  const named = (name: string | undefined) => revisions.find((one) => one.name === name);
  const byDefault = named(latestReady) ?? revisions.at(-1);
  if (plan.kind === 'latest') return byDefault;
  if (plan.kind === 'revision') return named(plan.name) ?? named(now) ?? byDefault;
  return named(now) ?? byDefault;
};

/** What a status tells of it. */
export const trafficTold = (
  target: Revision | undefined,
  plan: TrafficPlan,
): readonly TrafficTarget[] =>
  target === undefined
    ? []
    : [{ revisionName: target.name, percent: whole, latestRevision: plan.kind === 'latest' }];
