/** Explains a workload: the decision in force, and what the rules answer since; now or then. */
import {
  decodeEvent,
  type Policy,
  partitionOf,
  type RecordedEvent,
  type WorkloadKey,
  workloadName,
  workloadSubject,
} from '@flyball/contracts';
import { explainDecision, type WorkloadState } from '@flyball/domain';
import type { Explanation } from './explanation.ts';
import { illPodNotices } from './ill-pods.ts';
import { leftAloneNotices } from './left-alone.ts';
import { viewPartition } from './partition-view.ts';
import { type PresentAnswer, presentAnswer } from './present-answer.ts';
import type { Reader } from './reader.ts';
import { inForce, readStateAt } from './state-at.ts';
import { tracedIn } from './traced-in.ts';

export interface ExplainedWorkload {
  readonly explanation: Explanation;
  /** What is to be known besides, a sentence each. */
  readonly notices: readonly string[];
  /** What the decision's averages are of; undefined when that is not known any more. */
  readonly metric: Policy['metric'] | undefined;
}

interface Known {
  readonly decision: Extract<RecordedEvent, { type: 'Decided' }> | undefined;
  readonly workload: WorkloadState | undefined;
  readonly present: PresentAnswer | undefined;
  readonly hasAppeared: boolean;
  /** What is to be known of its decider now. */
  readonly notices: readonly string[];
}

const newestDecision = async (
  { log }: Reader,
  partition: number,
  workload: WorkloadKey,
): Promise<Known['decision']> => {
  const last = await log.events.last(workloadSubject(partition, workload, 'decisions'));
  if (last === undefined) return undefined;
  const decoded = decodeEvent(last.body, last.subject, last.seq);
  return decoded.ok && decoded.event.type === 'Decided' ? decoded.event : undefined;
};

const knownNow = async (
  reader: Reader,
  workload: WorkloadKey,
  signal: AbortSignal,
): Promise<Known> => {
  const partition = partitionOf(workload, reader.partitionCount);
  const { state } = await viewPartition(reader, partition, signal);
  const known = state.workloads[workload];
  return {
    decision: inForce(known, await newestDecision(reader, partition, workload)),
    workload: known,
    present: presentAnswer(state, workload),
    hasAppeared: true,
    notices: [
      ...(await leftAloneNotices(reader, state, workload)),
      ...(await illPodNotices(reader, workload)),
    ],
  };
};

const knownAt = async (
  reader: Reader,
  workload: WorkloadKey,
  moment: { readonly atMs: number; readonly signal: AbortSignal },
): Promise<Known> => {
  const then = await readStateAt(reader, workload, moment);
  return { ...then, present: presentAnswer(then.state, workload), notices: [] };
};

const decisionTold = (decided: Known['decision']): Explanation['decision'] => {
  if (decided === undefined) return null;
  const { id, atMs, causationId = null, data } = decided;
  const { from, to, mode, routing, changed, binding, policyId, algorithm } = data;
  const { headline, sentence, routingReason, inputs, rules } = explainDecision(decided);
  const traceId = tracedIn(decided);
  const facts = {
    id,
    atMs,
    traceId,
    causationId,
    from,
    to,
    mode,
    routing,
    changed: [...changed],
    binding,
  };
  return { ...facts, policyId, algorithm, headline, sentence, routingReason, inputs, rules };
};

const withoutDecision = ({ workload, hasAppeared }: Known): string => {
  if (!hasAppeared)
    return 'It had not appeared by then; `flyball history` shows since when it is known.';
  if (workload === undefined) return 'It is not under Flyball: it was deleted or opted out.';
  if (workload.policy === null) return 'It has no policy yet, so nothing is decided.';
  return 'Nothing has been decided yet; the first decision comes with the next tick.';
};

/** A deleted workload has a last decision, and nothing that holds it. */
const goneNotices = ({ decision, workload }: Known): readonly string[] =>
  decision !== undefined && workload === undefined
    ? ['It is not under Flyball any more (deleted, or opted out): this was its last decision.']
    : [];

const explanationOf = (workload: WorkloadKey, known: Known, atMs: number): Explanation => ({
  ...workloadName(workload),
  atMs,
  decision: decisionTold(known.decision),
  since: known.present ?? null,
  sentence: known.decision?.data.reason ?? withoutDecision(known),
});

/** What the averages of the decision are of, where its policy is still the one in force. */
const metricOf = ({ decision, workload }: Known): Policy['metric'] | undefined =>
  decision !== undefined && workload?.policyId === decision.data.policyId
    ? workload.policy?.metric
    : undefined;

/**
 * Reads a workload that is recorded and explains it as of `atMs` (UTC ms), or as of now. Rejects
 * with NATS_… errors.
 */
export const explainWorkload = async (
  reader: Reader,
  workload: WorkloadKey,
  { atMs, signal }: { readonly atMs?: number | undefined; readonly signal: AbortSignal },
): Promise<ExplainedWorkload> => {
  const nowMs = reader.clock.nowMs();
  const known =
    atMs === undefined
      ? await knownNow(reader, workload, signal)
      : await knownAt(reader, workload, { atMs, signal });
  return {
    explanation: explanationOf(workload, known, atMs ?? nowMs),
    notices: [...goneNotices(known), ...known.notices],
    metric: metricOf(known),
  };
};
