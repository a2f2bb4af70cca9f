/** The revisions of a Knative Service as its Deployments show them: numbers and progress. */
import type { Deployment } from '../objects/cluster-object.ts';
import type { KnativeService } from './knative-service.ts';
import type { Trouble } from './pod-trouble.ts';
import { mark, revisionName, servingLabel } from './serving-names.ts';

export interface Revision {
  /** From 1; the later, the greater. */
  readonly number: number;
  readonly name: string;
  readonly deployment: Deployment;
}

const numberOf = (text: string | undefined): number => {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
};

/** The revisions among Deployments, the oldest first; what has no number is none. */
export const revisionsAmong = (deployments: readonly Deployment[]): readonly Revision[] =>
  deployments
    .map((deployment) => {
      const { labels } = deployment.metadata;
      return {
        number: numberOf(labels?.[servingLabel.generation]),
        name: labels?.[servingLabel.revision] ?? '',
        deployment,
      };
    })
    .filter(({ number, name }) => number > 0 && name !== '')
    .sort((one, other) => one.number - other.number);

/** Of `autoscale-go-00002`: 2. */
const lastDigits = /-(\d+)$/;

/**
 * The number that the Service's template has, or will have as a new revision: that of the newest
 * one where its template is the same, else one more. What the status tells was given once before.
 */
export const numberFor = (
  templateHash: string,
  revisions: readonly Revision[],
  { metadata, status }: KnativeService,
): number => {
  const newest = revisions.at(-1);
  const told = numberOf(lastDigits.exec(status?.latestCreatedRevisionName ?? '')?.[1]);
  const isTold = revisionName(metadata.name, told) === status?.latestCreatedRevisionName;
  const highest = Math.max(newest?.number ?? 0, isTold ? told : 0);
  if (newest === undefined || newest.number < highest) return Math.max(1, highest);
  const isSame = newest.deployment.metadata.annotations?.[mark.templateHash] === templateHash;
  return isSame ? newest.number : newest.number + 1;
};

/** How a revision does, as far as its Deployment tells. */
export type RevisionProgress =
  | { readonly phase: 'ready' }
  /** With a reason where a pod does not come up: it may yet. */
  | { readonly phase: 'deploying'; readonly message: string; readonly reason?: string }
  | { readonly phase: 'failed'; readonly reason: string; readonly message: string };

const failureOf = ({ status }: Deployment): { reason: string; message: string } | undefined => {
  const conditions = status?.conditions ?? [];
  const failed =
    conditions.find(({ type, status: is }) => type === 'ReplicaFailure' && is === 'True') ??
    conditions.find(({ type, status: is }) => type === 'Progressing' && is === 'False');
  if (failed === undefined) return undefined;
  return { reason: failed.reason ?? failed.type, message: failed.message ?? '' };
};

export interface ProgressInputs {
  /** Ready pods with which it begins to take traffic. */
  readonly required: number;
  readonly readyOnce: boolean;
  readonly trouble: Trouble | undefined;
}

/**
 * Whether a revision can take traffic: once as many pods were ready as it begins with. `readyOnce`
 * is remembered: what goes to zero by its own policy afterwards stays ready.
 */
export const progressOf = (
  { name, deployment }: Revision,
  { required, readyOnce, trouble }: ProgressInputs,
): RevisionProgress => {
  const ready = deployment.status?.readyReplicas ?? 0;
  if (readyOnce || ready >= required) return { phase: 'ready' };
  const failure = failureOf(deployment);
  if (failure !== undefined) {
    return { phase: 'failed', ...failure, message: `${name}: ${failure.message}` };
  }
  if (deployment.spec.replicas === 0) {
    const message = `${name} has no pod and never had a ready one; its next request starts one.`;
    return { phase: 'deploying', message };
  }
  const message = `${name} has ${ready} of ${required} ready pods.`;
  if (trouble === undefined) return { phase: 'deploying', message };
  return { phase: 'deploying', reason: trouble.reason, message: `${message} ${trouble.message}` };
};
