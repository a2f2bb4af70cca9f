/** `explain`: why a workload has, or had, this many replicas, and why it does not move now. */
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
import { type Explanation, type PresentAnswer, presentAnswer } from '@flyball/reading';
import { type Context, exitCode } from '../context.ts';
import { illPodNotices } from '../reading/ill-pods.ts';
import { isRecorded, sayUnknown } from '../reading/known-workloads.ts';
import { leftAloneNotices } from '../reading/left-alone.ts';
import { viewPartition } from '../reading/partition-view.ts';
import { type Reader, type ReadingOptions, withReader } from '../reading/reader.ts';
import { readStateAt } from '../reading/state-at.ts';
import { explanationLines } from './explanation-lines.ts';

export interface ExplainOptions extends ReadingOptions {
  readonly workload: WorkloadKey;
  /** UTC ms; now when it is not given. */
  readonly atMs?: number | undefined;
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
  return {
    decision: await newestDecision(reader, partition, workload),
    workload: state.workloads[workload],
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
  const facts = { id, atMs, causationId, from, to, mode, routing, changed: [...changed], binding };
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

/** Prints the explanation that `reader` gives; resolves with the exit code. */
export const showExplanation = async (
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
  reader: Reader,
  { workload, atMs, output }: ExplainOptions,
): Promise<number> => {
  if (!(await isRecorded(reader, workload))) {
    await sayUnknown(terminal, reader, workload);
    return exitCode.no;
  }
  const nowMs = reader.clock.nowMs();
  const known =
    atMs === undefined
      ? await knownNow(reader, workload, signal)
      : await knownAt(reader, workload, { atMs, signal });
  for (const notice of [...goneNotices(known), ...known.notices])
    terminal.note(terminal.styled('yellow', notice));
  const explanation = explanationOf(workload, known, atMs ?? nowMs);
  if (output === 'json') terminal.line(JSON.stringify(explanation, undefined, 2));
  else {
    const units = { nowMs, metric: metricOf(known) };
    for (const line of explanationLines(terminal, explanation, units)) terminal.line(line);
  }
  return exitCode.ok;
};

/** `flyball explain NS/NAME`. */
export const explain = (context: Context, options: ExplainOptions): Promise<number> =>
  withReader(context, options, (reader) => showExplanation(context, reader, options));
