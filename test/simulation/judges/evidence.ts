/** What the judges look at: the bytes as stored, read by nothing of ours. */
import type { Plan } from '../plan.ts';
import type { Observer, ScaleWrite, SeenMessage } from '../world/observer.ts';

/** What judges read of the bodies, all types together: a fact has those that its type has. */
export interface FactData {
  readonly uid: string;
  readonly replicas: number;
  readonly policyId: string;
  readonly policy: {
    readonly minScale: number;
    readonly maxScale: number;
    readonly behaviour: string;
  };
  readonly from: number | null;
  readonly to: number;
  readonly inputs: { readonly reachable: boolean; readonly seen: string };
  readonly rules: readonly { readonly to: number }[];
  readonly routing: string;
  readonly resourceVersion: string;
  readonly decisionId: string;
  readonly because: string;
  readonly instance: string;
  readonly lost: number;
  readonly held: number;
  readonly released: number;
  readonly timedOut: number;
  readonly shed: number;
  readonly abandoned: number;
  readonly waiting: number;
}

/** One stored message, read as the JSON that it is. */
export interface Fact {
  readonly seq: number;
  /** Its place among all messages that were ever stored. */
  readonly at: number;
  readonly stream: string;
  readonly subject: string;
  readonly body: string;
  readonly id: string;
  /** `decided` of `dev.flyball.decided.v2`. */
  readonly type: string;
  readonly about: string;
  /** By whoever wrote it. */
  readonly atMs: number;
  /** By the server. */
  readonly storedAtMs: number;
  readonly cause: string | undefined;
  readonly data: FactData;
  readonly chain: string | undefined;
  /** The log has forgotten it since. */
  readonly cut: boolean;
}

export interface Evidence {
  readonly plan: Plan;
  /** Of EVENTS, without what the log has forgotten. */
  readonly events: readonly Fact[];
  /** Of MINUTES, likewise. */
  readonly minutes: readonly Fact[];
  /** Everything that was ever stored, forgotten or not. */
  readonly ever: readonly Fact[];
  readonly writes: readonly ScaleWrite[];
  readonly activators: Observer['activators'];
}

/** A sentence for each thing that is wrong. */
export type Judge = (evidence: Evidence) => readonly string[];

const typePattern = /^dev\.flyball\.(.+)\.v\d+$/;

const factOf = (message: SeenMessage, at: number, cut: boolean): Fact => {
  const { stream, seq, subject, body, storedAtMs } = message;
  const document = JSON.parse(body);
  return {
    ...{ seq, at, stream, subject, body, cut, storedAtMs },
    id: document.id,
    type: typePattern.exec(document.type)?.[1] ?? document.type,
    about: document.subject,
    atMs: Date.parse(document.time),
    cause: document.causationid,
    data: document.data,
    chain: document.chain,
  };
};

export const evidenceOf = (plan: Plan, observer: Observer): Evidence => {
  const { messages, cut, writes, activators } = observer;
  const ever = messages.map((message, at) => factOf(message, at, cut.has(message)));
  const kept = ever.filter((fact) => !fact.cut);
  return {
    plan,
    ever,
    events: kept.filter(({ stream }) => stream === 'EVENTS'),
    minutes: kept.filter(({ stream }) => stream === 'MINUTES'),
    writes,
    activators,
  };
};

/**
 * In the order in which things were known: a decision belongs to the moment of its cause, however
 * late it was written.
 */
export const inCausalOrder = ({ events, ever }: Evidence): readonly Fact[] => {
  const places = new Map(ever.map(({ id, at }) => [id, at]));
  const placeOf = ({ type, at, cause }: Fact): number =>
    type === 'decided' ? (places.get(cause ?? '') ?? at) + 0.5 : at;
  return events.toSorted((one, other) => placeOf(one) - placeOf(other));
};
