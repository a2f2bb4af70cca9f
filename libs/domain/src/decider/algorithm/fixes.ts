/** The deliberate fixes: where `behaviour: flyball` differs from Knative, one by one. */
import type { Policy } from '@flyball/contracts';

export interface Fix {
  /** As in docs/decisions; never given twice. */
  readonly number: number;
  readonly name: string;
  /** The algorithm that brought it; it is in force in every later one. */
  readonly since: number;
  /** One sentence. */
  readonly what: string;
}

/** Knative has none of them. A published algorithm never gains or loses one. */
export const fixes = [
  {
    number: 1,
    name: 'burst',
    since: 1,
    what: 'A poke judges the requests in flight now, not only their average.',
  },
  {
    number: 2,
    name: 'hold-unsure',
    since: 1,
    what: 'No data is not zero load: no pods are taken away without data, and the bounds hold.',
  },
  {
    number: 3,
    name: 'adoption',
    since: 1,
    what: 'A workload taken over keeps its pods for one measured stable window, without panic.',
  },
  {
    number: 4,
    name: 'tolerance',
    since: 1,
    what: 'A load within the tolerance of what the wanted pods are asked to take moves nothing.',
  },
  {
    number: 5,
    name: 'delay-follows-policy',
    since: 1,
    what: 'A changed scale-down delay reaches the workloads that are already there.',
  },
  {
    number: 6,
    name: 'zero-behind-activator',
    since: 1,
    what: 'Zero always waits until the activator is known to be in the path.',
  },
  {
    number: 7,
    name: 'active-when-wanted',
    since: 1,
    what: 'Activity goes by what is wanted: the first pod is waited for, idle time counts once.',
  },
  {
    number: 8,
    name: 'initial-within-max',
    since: 1,
    what: 'Nothing exceeds the max scale: an initial or min scale above it counts as the max.',
  },
  {
    number: 9,
    name: 'true-ratio',
    since: 2,
    what: 'Panic goes by the load itself, not by the pods that it is rounded up to.',
  },
  {
    number: 10,
    name: 'starting-pods',
    since: 2,
    what: 'Starting pods count for the panic threshold and the way down, not for the growth limit.',
  },
  {
    number: 11,
    name: 'panic-exit',
    since: 2,
    what: 'Panic is not left while pods are starting, for at most the progress deadline.',
  },
  {
    number: 12,
    name: 'routing-hysteresis',
    since: 2,
    what: 'The activator leaves the path only with a margin of spare capacity.',
  },
] as const satisfies readonly Fix[];

export type FixName = (typeof fixes)[number]['name'];
export type Fixes = ReadonlySet<FixName>;

const none: Fixes = new Set();

const upTo = (algorithm: number): Fixes =>
  new Set(fixes.filter(({ since }) => since <= algorithm).map(({ name }) => name));

/** Those in force, by algorithm. */
export const fixesByAlgorithm: Readonly<Record<number, Fixes>> = { 1: upTo(1), 2: upTo(2) };

/** The fixes that are in force under a policy; nothing is decided by an unknown algorithm. */
export const fixesOf = ({ behaviour, algorithm }: Policy): Fixes =>
  behaviour === 'knative' ? none : (fixesByAlgorithm[algorithm] ?? none);
