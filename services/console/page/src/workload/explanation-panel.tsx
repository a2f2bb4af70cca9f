/** Why a workload has, or had, this many replicas: rule by rule, with the numbers. */
import type { Explanation, Series } from '../../../src/wire.ts';
import { apiAddress } from '../data/fetch-json.ts';
import { useJson } from '../data/use-json.ts';
import { counted, load } from '../format/amount.ts';
import { ago, dateAndTime } from '../format/time.ts';
import { FailureNotice, Loading } from '../parts/notice.tsx';
import { ModeBadge } from '../parts/state-badge.tsx';
import { traceLink } from '../routing/route.ts';
import { inputWords, movedWords } from './input-words.ts';

type Decision = NonNullable<Explanation['decision']>;
type Rule = Pick<Decision['rules'][number], 'rule' | 'from' | 'to' | 'why'>;
type Metric = Series['metric'];

const Rules = ({ rules, caption }: { readonly rules: readonly Rule[]; caption: string }) => (
  <table class="rules">
    <caption>{caption}</caption>
    <thead>
      <tr>
        <th scope="col">Rule</th>
        <th scope="col">Replicas</th>
        <th scope="col">Why</th>
      </tr>
    </thead>
    <tbody>
      {rules.map(({ rule, from, to, why }, index) => {
        const isLast = index === rules.length - 1;
        return (
          <tr key={rule} class={isLast ? 'is-binding' : undefined}>
            <th scope="row">
              {isLast && <span title="This rule had the last say">▸ </span>}
              {rule}
            </th>
            <td class="number">{movedWords(from, to)}</td>
            <td>{why}</td>
          </tr>
        );
      })}
    </tbody>
  </table>
);

const Inputs = ({ decision, metric }: { readonly decision: Decision; metric: Metric }) => (
  <details class="inputs">
    <summary>What it was made from</summary>
    <dl>
      {decision.inputs.map((input) => {
        const said = inputWords(input, metric);
        return said === undefined ? null : (
          <div key={input.name}>
            <dt>{said[0]}</dt>
            <dd>{said[1]}</dd>
          </div>
        );
      })}
    </dl>
    <p class="soft">
      Algorithm {decision.algorithm}, policy <code>{decision.policyId}</code>
      {decision.causationId !== null && (
        <>
          , at <code>{decision.causationId}</code>
        </>
      )}
    </p>
  </details>
);

interface SinceProps {
  readonly explanation: Explanation;
  readonly metric: Metric;
  readonly nowMs: number;
}

const Since = ({ explanation, metric, nowMs }: SinceProps) => {
  const { since, decision } = explanation;
  if (since === null) return null;
  const { replicas, holds, rules, readyPods, startingPods } = since;
  const stays = decision !== null && replicas === decision.to;
  const starting = startingPods > 0 ? `, ${startingPods} starting` : '';
  const lookedAt = dateAndTime(since.tickAtMs, nowMs);
  const unit = metric === 'rps' ? ' requests a second' : '';
  return (
    <section class="since">
      <h3>Since then</h3>
      <p>
        {stays ? `It stays at ${replicas}` : `The rules answer ${replicas}`}: {holds}
      </p>
      <p class="soft">
        Last looked {lookedAt}: stable {load(since.stableAverage)}, panic {load(since.panicAverage)}
        {unit} ({since.seen}); {counted(readyPods, 'pod')} ready{starting}
      </p>
      <details>
        <summary>Rule by rule</summary>
        <Rules rules={rules} caption="What the rules answered last" />
      </details>
    </section>
  );
};

interface DecisionProps {
  readonly explanation: Explanation;
  readonly decision: Decision;
  readonly metric: Metric;
  readonly nowMs: number;
}

const DecisionTold = ({ explanation, decision, metric, nowMs }: DecisionProps) => (
  <>
    <p class="headline">
      <b class="number" data-decision={decision.id}>
        {movedWords(decision.from, decision.to)}
      </b>
      <ModeBadge mode={decision.mode} />
      <span class="badge is-plain">
        {decision.routing === 'activator' ? 'through the activator' : 'straight to the pods'}
      </span>
    </p>
    <p class="sentence">{decision.sentence}</p>
    <p class="soft">
      Decided {dateAndTime(decision.atMs, nowMs)} ({ago(decision.atMs, nowMs)})
      {decision.traceId !== null && (
        <>
          {' · '}
          <a href={traceLink(decision.traceId)}>its trace</a>
        </>
      )}
    </p>
    <Rules rules={decision.rules} caption="Each rule in order" />
    {decision.routingReason !== '' && <p class="routing-reason">{decision.routingReason}</p>}
    <Inputs decision={decision} metric={metric} />
    <Since explanation={explanation} metric={metric} nowMs={nowMs} />
  </>
);

export interface ExplanationPanelProps {
  readonly namespace: string;
  readonly name: string;
  /** UTC ms; null: now. */
  readonly atMs: number | null;
  /** Another one asks again. */
  readonly version: number;
  readonly metric: Metric;
  readonly nowMs: number;
  readonly onNow: () => void;
}

export const ExplanationPanel = (props: ExplanationPanelProps) => {
  const { namespace, name, atMs, version, nowMs } = props;
  const address = apiAddress(['workloads', namespace, name, 'explain'], { atMs });
  const asked = useJson<Explanation>(address, `${namespace}/${name}`, {
    version: atMs === null ? version : 0,
  });
  const { body, failure, isLoading } = asked;
  const decision = body?.decision ?? null;
  return (
    <div class="why">
      <section class="explanation" aria-labelledby="why" aria-busy={isLoading}>
        <div class="explanation-head">
          <h2 id="why">{atMs === null ? 'Why, now' : `Why, at ${dateAndTime(atMs, nowMs)}`}</h2>
          {isLoading && <Loading what="the explanation" />}
          {atMs !== null && (
            <button type="button" onClick={props.onNow}>
              Back to now
            </button>
          )}
        </div>
        {failure !== null && <FailureNotice title="It cannot be explained now" failure={failure} />}
        {body !== null && decision === null && <p class="sentence">{body.sentence}</p>}
        {body !== null && decision !== null && (
          <DecisionTold
            explanation={body}
            decision={decision}
            metric={props.metric}
            nowMs={nowMs}
          />
        )}
      </section>
    </div>
  );
};
