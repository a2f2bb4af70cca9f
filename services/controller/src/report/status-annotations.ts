/** How a workload is, as annotations of its Deployment: what `kubectl get -o yaml` shows. */
import type { ReportedWorkload } from './reported-workload.ts';

const prefix = 'flyball.dev/status-';

const statusAnnotation = {
  /** Replicas that are decided. */
  desired: `${prefix}desired`,
  /** `stable`, or `panic since 2026-01-01T10:41:30Z`. */
  mode: `${prefix}mode`,
  /** `activator` or `pods`: where requests go. */
  routing: `${prefix}routing`,
  /** One sentence. */
  reason: `${prefix}reason`,
  decidedAt: `${prefix}decided-at`,
  /** What somebody has to mend; absent while there is nothing. */
  problem: `${prefix}problem`,
} as const;

/** Longer sentences are cut: annotations are copied to each ReplicaSet. */
const charsMax = 300;

/** Null takes an annotation away. */
export type StatusAnnotations = Readonly<Record<string, string | null>>;

const nothing: StatusAnnotations = Object.fromEntries(
  Object.values(statusAnnotation).map((key) => [key, null]),
);

const timeOf = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;

const cut = (text: string): string =>
  text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`;

/** Those of a workload that Flyball scales; without one, none. */
export const statusAnnotationsOf = (workload: ReportedWorkload | undefined): StatusAnnotations => {
  if (workload === undefined) return nothing;
  const { decision, refused, failed } = workload;
  const problem = refused ?? failed;
  const troubled = {
    ...nothing,
    [statusAnnotation.problem]: problem === null ? null : cut(problem),
  };
  if (decision === null) return troubled;
  const { to, mode, panicSinceMs, routing, reason, atMs } = decision;
  return {
    ...troubled,
    [statusAnnotation.desired]: String(to),
    [statusAnnotation.mode]: panicSinceMs === null ? mode : `${mode} since ${timeOf(panicSinceMs)}`,
    [statusAnnotation.routing]: routing,
    [statusAnnotation.reason]: cut(reason),
    [statusAnnotation.decidedAt]: timeOf(atMs),
  };
};

/** Those among them that are not there as they are to be. */
export const statusDifference = (
  wanted: StatusAnnotations,
  there: Readonly<Record<string, string>>,
): StatusAnnotations | undefined => {
  const differing = Object.entries(wanted).filter(([key, value]) => (there[key] ?? null) !== value);
  return differing.length === 0 ? undefined : Object.fromEntries(differing);
};
