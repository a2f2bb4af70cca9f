/** An evaluation told as a decision: the rules with their sentences, and one sentence for all. */
import {
  eventFrom,
  type FlyballEvent,
  type RuleApplied,
  type WorkloadKey,
} from '@flyball/contracts';
import { saidSpan } from './algorithm/sentence.ts';
import type { Assessment } from './assessment.ts';
import { bindingOf, type Changes, changesOf } from './changes.ts';
import type { AssessedWorkload, DeciderState } from './decider-state.ts';

export const deciderSource = '/flyball/decider';

/** What each rule of the path says, in order, and how long it has panicked. */
const reasonOf = (found: Assessment, rules: readonly RuleApplied[]): string => {
  const sentences = new Set(rules.map(({ why }) => why));
  const panicMs = found.panicSinceMs === null ? null : found.atMs - found.panicSinceMs;
  const panic = panicMs === 0 ? 'panic begins' : `in panic for ${saidSpan(panicMs ?? 0)}`;
  return [...sentences, ...(panicMs === null ? [] : [panic])].join('; ');
};

/** The decision that follows from an evaluation; undefined when there is nothing new in it. */
export const decidedFrom = (
  state: DeciderState,
  cause: FlyballEvent<'TickObserved'>,
  { workload, assessment, traceparent }: AssessedWorkload,
): FlyballEvent<'Decided'> | undefined => {
  const known = state.workloads[workload];
  if (known === undefined) return undefined;
  const changed = changesOf(known, assessment).now;
  if (changed.length === 0) return undefined;
  return eventFrom({
    type: 'Decided',
    pen: 'decisions',
    workload: workload satisfies WorkloadKey,
    partition: state.partition,
    source: deciderSource,
    cause: {
      id: cause.id,
      atMs: cause.atMs,
      ...(traceparent === null ? {} : { traceparent }),
    },
    data: dataOf(assessment, { from: known.last?.to ?? null, changed }),
  });
};

const dataOf = (
  found: Assessment,
  known: { readonly from: number | null; readonly changed: Changes['now'] },
): FlyballEvent<'Decided'>['data'] => {
  const rules = found.path.map(({ rule, from, to, why }) => ({ rule, from, to, why: why() }));
  return {
    from: known.from,
    changed: [...known.changed],
    to: found.to,
    mode: found.mode,
    panicSinceMs: found.panicSinceMs,
    routing: found.routing,
    reason: reasonOf(found, rules),
    routingReason: found.routingWhy(),
    binding: bindingOf(found),
    rules,
    inputs: found.inputs,
    excessBurstCapacity: found.excessBurstCapacity,
    activators: found.activators,
    policyId: found.policyId,
    algorithm: found.policy.algorithm,
  };
};
