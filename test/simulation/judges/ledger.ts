/** The ledger of held requests: balanced at every count, and equal to what the requests met. */
import type { Evidence, Fact, Judge } from './evidence.ts';

const ends = ['released', 'timedOut', 'shed', 'abandoned'] as const;
const counts = ['held', ...ends] as const;

const instanceOf = ({ subject }: Fact): string => subject.split('.').at(-1) ?? '';

/** What was told again after a cut tail, under its own id, was told once. */
const once = (facts: readonly Fact[]): Fact[] => {
  const seen = new Set<string>();
  return facts.filter(({ id }) => seen.size < seen.add(id).size);
};

/** By what an activator has told of a workload so far. */
interface Account {
  waiting: number;
  /** Called lost, and not told as held anew yet. */
  owed: number;
}

/**
 * waiting = waiting before + held − all the ends, in each count of each activator. One that lives
 * after it was called lost holds its requests anew; what it counts until it hears of that does not.
 */
export const countsBalance: Judge = ({ ever }) => {
  const accounts = new Map<string, Account>();
  const accountOf = (subject: string): Account => {
    const account = accounts.get(subject) ?? { waiting: 0, owed: 0 };
    accounts.set(subject, account);
    return account;
  };
  return once(ever).flatMap((fact) => {
    if (fact.type === 'requests-lost') {
      const account = accountOf(fact.subject.replace(/lost$/, fact.data.instance));
      account.waiting -= fact.data.lost;
      account.owed += fact.data.lost;
    }
    if (fact.type !== 'requests-counted') return [];
    const { data, subject, id } = fact;
    const account = accountOf(subject);
    const ended = ends.reduce((sum, end) => sum + data[end], 0);
    const expected = account.waiting + data.held - ended;
    const hasHeard = expected === data.waiting;
    account.waiting = hasHeard ? data.waiting : data.waiting - account.owed;
    if (hasHeard) account.owed = 0;
    if (account.waiting === expected && data.waiting >= 0) return [];
    return [`${id}: ${data.waiting} wait, by its own counts it should be ${expected}`];
  });
};

const sumOf = ({ ever }: Evidence, about: string, instance: string) => {
  const sum = { held: 0, released: 0, timedOut: 0, shed: 0, abandoned: 0 };
  for (const fact of once(ever)) {
    const isLost = fact.type === 'requests-lost' && fact.about === about;
    // What was called lost too soon was held a second time.
    if (isLost && fact.data.instance === instance) sum.held -= fact.data.lost;
    if (fact.type !== 'requests-counted' || fact.about !== about) continue;
    if (instanceOf(fact) !== instance) continue;
    for (const name of counts) sum[name] += fact.data[name];
  }
  return sum;
};

/** Activators that lived to the end have told all that their requests met. */
export const countsAreTrue: Judge = (evidence) =>
  evidence.activators
    .filter(({ killed }) => !killed)
    .flatMap(({ incarnation, tallies }) =>
      [...tallies].flatMap(([workload, tally]) => {
        const told: Readonly<Record<string, number>> = sumOf(evidence, workload, incarnation);
        return Object.entries(tally).flatMap(([name, count]) =>
          told[name] === count
            ? []
            : [`${incarnation} counted ${told[name]} ${name} of ${workload}; it had ${count}`],
        );
      }),
    );

/**
 * What a dead activator still held by its last count is written down as lost; also again, when the
 * log forgot that. Of a count that the log forgot, nobody but the cut tail's own event can tell.
 */
export const lossesAreNamed: Judge = ({ events, activators }) => {
  const killed = new Set(activators.filter((one) => one.killed).map((one) => one.incarnation));
  const left = new Map<string, { waiting: number; about: string; instance: string }>();
  const lost = new Map<string, number>();
  for (const fact of events) {
    const { type, about, data } = fact;
    if (type === 'requests-lost') {
      const key = `${about} ${data.instance}`;
      lost.set(key, (lost.get(key) ?? 0) + data.lost);
    }
    if (type !== 'requests-counted') continue;
    const instance = instanceOf(fact);
    left.set(`${about} ${instance}`, { waiting: data.waiting, about, instance });
  }
  return [...left].flatMap(([key, { waiting, instance, about }]) => {
    const said = lost.get(key) ?? 0;
    if (!killed.has(instance) || said >= waiting) return [];
    return [`${instance} died holding ${waiting} of ${about}; ${said} are called lost`];
  });
};
