/** What was decided and done: within bounds, never blindly to zero, never without a cause. */
import { type Evidence, type Fact, inCausalOrder, type Judge } from './evidence.ts';

/**
 * Every decision is within the bounds of the policy that it names; only what was there before may
 * stay: below them, as a workload that came with pods does until it was measured, and above them
 * while nothing can be measured, for then nothing is taken away.
 */
export const replicasAreWithinBounds: Judge = ({ ever, events }) => {
  const policies = new Map(
    ever.filter(({ type }) => type === 'policy-set').map(({ id, data }) => [id, data.policy]),
  );
  const replicas = new Map<string, number>();
  return events.flatMap(({ id, type, about, data }) => {
    if (type === 'workload-appeared') replicas.set(about, data.replicas);
    if (type !== 'decided') return [];
    const before = replicas.get(about) ?? 0;
    replicas.set(about, data.to);
    const policy = policies.get(data.policyId);
    if (policy === undefined) return [`${id}: its policy ${data.policyId} was never set`];
    const { minScale, maxScale } = policy;
    const wrong: string[] = [];
    const stays = data.to === before;
    if (maxScale > 0 && data.to > maxScale && !(stays && data.inputs.seen !== 'measured')) {
      wrong.push(`${id}: ${data.to} is above ${maxScale}`);
    }
    if (data.to < minScale && !stays && data.inputs.reachable) {
      wrong.push(`${id}: ${data.to} is below ${minScale}`);
    }
    const last = data.rules.at(-1);
    if (last !== undefined && last.to !== data.to)
      wrong.push(`${id}: its last rule says otherwise`);
    return wrong;
  });
};

/** What the log says of a workload just before one of its decisions. */
interface Known {
  routing: string;
  behaviour: string;
  to: number | undefined;
}

/**
 * Down to zero only with the activator in the path, by a number that somebody has measured. Knative
 * asks for less, and `behaviour: knative` is Knative's.
 */
export const zeroIsGated: Judge = (evidence) => {
  if (evidence.ever.some(({ cut }) => cut)) return [];
  const known = new Map<string, Known>();
  const fresh = (): Known => ({ routing: 'activator', behaviour: '', to: undefined });
  return inCausalOrder(evidence).flatMap(({ type, about, data, id }) => {
    if (type === 'workload-gone') known.delete(about);
    const of = known.get(about) ?? fresh();
    known.set(about, of);
    if (type === 'routing-applied') of.routing = data.routing;
    else if (type === 'policy-set') of.behaviour = data.policy.behaviour;
    else if (type === 'scale-applied' && data.because === 'woken') of.to = data.to;
    if (type !== 'decided') return [];
    const before = of.to;
    of.to = data.to;
    if (data.to !== 0 || before === undefined || before === 0) return [];
    if (of.behaviour === 'knative') return [];
    if (data.inputs.seen === 'blind') return [`${id}: to zero while nobody could measure`];
    return of.routing === 'activator'
      ? []
      : [`${id}: to zero while requests pass the activator by`];
  });
};

interface Wanted {
  readonly at: number;
  readonly to: number;
  readonly id: string;
}

/** Everything that a write to this workload may rest on, in the order of the log. */
const wantedOf = ({ ever }: Evidence, workload: string): Wanted[] => {
  const isOf = (fact: Fact, type: string) => fact.about === workload && fact.type === type;
  return ever
    .filter((fact) => isOf(fact, 'decided'))
    .map(({ at, data, id }) => ({ at, to: data.to, id }));
};

/**
 * The actuator writes what was decided, and never goes back: a write that rests on an older
 * decision than the write before it is the work of someone who slept. A wake is obeyed beside that.
 */
export const replicasMoveByDecisions: Judge = (evidence) => {
  const { writes, ever } = evidence;
  const hasCut = ever.some(({ cut }) => cut);
  // Who found the number there already (an answer was lost, then came a newer cause) wrote nothing.
  const applied = Map.groupBy(
    ever.filter(({ type, data }) => type === 'scale-applied' && data.from !== data.to),
    (fact) => `${fact.about} ${fact.data.resourceVersion}`,
  );
  const byWorkload = Map.groupBy(writes, ({ workload }) => workload);
  return [...byWorkload].flatMap(([workload, moves]) => {
    const wanted = wantedOf(evidence, workload);
    const woken = ever.filter((fact) => fact.about === workload && fact.type === 'wake-requested');
    let from = 0;
    return moves.flatMap(({ from: before, replicas, resourceVersion, afterMessages }) => {
      const told = applied.get(`${workload} ${resourceVersion}`) ?? [];
      const wakes = new Set(woken.filter(({ at }) => at < afterMessages).map(({ id }) => id));
      const isWake = told.length === 0 || told.some(({ data }) => wakes.has(data.decisionId));
      if (before === 0 && replicas > 0 && isWake && wakes.size > 0) return [];
      // A write that was told by nobody is told by the next try, which may follow a newer decision.
      const known = new Set(wanted.filter(({ at }) => at < afterMessages).map(({ id }) => id));
      const names = new Set(told.map(({ data }) => data.decisionId).filter((id) => known.has(id)));
      const rests = wanted.findIndex(
        ({ to, at, id }, index) =>
          (index >= from || hasCut) &&
          to === replicas &&
          at < afterMessages &&
          (names.size === 0 || names.has(id)),
      );
      if (rests < 0) {
        return [`${workload} was set to ${replicas} (version ${resourceVersion}) by no decision`];
      }
      from = Math.max(from, rests);
      return [];
    });
  });
};
