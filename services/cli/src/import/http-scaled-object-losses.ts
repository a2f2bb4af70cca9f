/** What an HTTPScaledObject can say and Flyball cannot, each with a sentence. */
import { bareHost, isHostName } from '@flyball/contracts';
import type { HttpScaledObjectSpec } from './http-scaled-object-spec.ts';
import { flyballKey } from './settled-annotations.ts';
import { type Loss, lossOf } from './translation.ts';

/** A host that the activator can know: whole, and without a pattern in it. */
export const isWholeHost = (host: string): boolean => isHostName(bareHost(host));

interface LossRule {
  readonly path: string;
  readonly value: (spec: HttpScaledObjectSpec) => unknown;
  readonly message: string;
}

const rules: readonly LossRule[] = [
  {
    path: 'spec.hosts',
    value: ({ hosts }) => hosts?.filter((host) => !isWholeHost(host)),
    message: 'The activator knows whole host names only: the ingress leads others to the Service.',
  },
  {
    path: 'spec.pathPrefixes',
    value: ({ pathPrefixes }) => pathPrefixes,
    message: 'The activator goes by the host alone: let the ingress lead paths to it.',
  },
  {
    path: 'spec.headers',
    value: ({ headers }) => headers,
    message: 'The activator goes by the host alone: let the ingress match headers.',
  },
  {
    path: 'spec.coldStartTimeoutFailoverRef',
    value: ({ coldStartTimeoutFailoverRef }) => coldStartTimeoutFailoverRef,
    message:
      'There is no other Service for a slow start: a request is held until its time is over, ' +
      'and then answered with 504.',
  },
  {
    path: 'spec.initialCooldownPeriod',
    value: ({ initialCooldownPeriod }) => initialCooldownPeriod || undefined,
    message:
      'A Deployment that comes under Flyball keeps its pods until a whole window has been seen; ' +
      'there is no other time to wait at the start.',
  },
  {
    path: 'spec.timeouts',
    value: ({ timeouts }) => timeouts,
    message:
      'Flyball has one time for a whole request, its wait for a pod included: ' +
      `${flyballKey('timeout-seconds')}, 300 s unless it is set.`,
  },
];

const isSaid = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  !(typeof value === 'object' && Object.keys(value).length === 0);

/** Everything of the spec that has no counterpart. */
export const httpScaledObjectLosses = (spec: HttpScaledObjectSpec): Loss[] =>
  rules.flatMap(({ path, value, message }) => {
    const said = value(spec);
    return isSaid(said) ? [lossOf(path, said, message)] : [];
  });
