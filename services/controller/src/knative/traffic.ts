/** Where a Knative Service's requests shall go: to its newest ready revision, or to a named one. */
import { type KnativeService, type TrafficTarget, templateOf } from './knative-service.ts';
import type { Revision } from './revisions.ts';

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
  const asked = templateOf(service) === undefined ? [] : (service.spec?.traffic ?? []);
  const taking = asked.filter(({ percent }) => percent !== 0 && percent !== undefined);
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
  if (target.revisionName === undefined || target.revisionName === '') return { kind: 'latest' };
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
