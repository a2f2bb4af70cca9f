/** Judges of a history; they share no code with what wrote it. */
import { createHash } from 'node:crypto';
import { type HistoryEvent, isOf } from './reading.ts';
import { countSchema, lostSchema } from './told-requests.ts';

const chainStart = '0'.repeat(64);
const chainMember = /,"chain":"([0-9a-f]{64})"\}$/;

/** Which events share a subject, and so a chain. */
const penOf = ({ type, source }: HistoryEvent): string => {
  const name = /^dev\.flyball\.(.+)\.v\d+$/.exec(type)?.[1] ?? type;
  if (name.startsWith('policy-')) return 'policy';
  if (/^(pod|workload|platform)-/.test(name) || name === 'replicas-drifted') return 'platform';
  if (name === 'decided') return 'decisions';
  if (/^(scale|routing)-/.test(name)) return 'actions';
  if (name === 'requests-lost') return 'lost';
  if (/^(requests-counted|cold-start-completed|wake-requested)$/.test(name)) return source;
  throw new Error(`No chain is known for ${type}.`);
};

/** Breaks of the chains: an event that was lost, doubled, changed or moved. */
export const chainBreaks = (history: readonly HistoryEvent[]): string[] => {
  const last = new Map<string, string>();
  return history.flatMap((event) => {
    const pen = penOf(event);
    const chain = chainMember.exec(event.line)?.[1] ?? '';
    const text = event.line.replace(chainMember, '}');
    const hash = createHash('sha256');
    const expected = hash.update(`${last.get(pen) ?? chainStart}\n${text}`).digest('hex');
    last.set(pen, chain);
    return chain === expected ? [] : [`${event.type} ${event.id} does not follow in ${pen}`];
  });
};

/** Ids that occur more than once. */
export const doubleIds = (history: readonly HistoryEvent[]): string[] => {
  const ids = history.map(({ id }) => id);
  return ids.filter((id, index) => ids.indexOf(id) !== index);
};

export interface Ledger {
  readonly held: number;
  readonly released: number;
  /** Timed out, shed or abandoned. */
  readonly refused: number;
  readonly lost: number;
  /** Held and not ended, by the last counts. */
  readonly waiting: number;
  /** Counts that do not follow from the count before, and losses that no count explains. */
  readonly mistakes: readonly string[];
}

/** Adds up the ledger of held requests, and checks every count on the way. */
export const ledgerOf = (history: readonly HistoryEvent[]): Ledger => {
  const waiting = new Map<string, { readonly id: string; readonly count: number }>();
  const total = { held: 0, released: 0, refused: 0, lost: 0 };
  const mistakes: string[] = [];
  for (const { id, type, source, data } of history) {
    if (isOf('requests-counted', type)) {
      const { held, released, timedOut, shed, abandoned, waiting: left } = countSchema.parse(data);
      const before = waiting.get(source)?.count ?? 0;
      const refused = timedOut + shed + abandoned;
      if (left !== before + held - released - refused) mistakes.push(id);
      waiting.set(source, { id, count: left });
      total.held += held;
      total.released += released;
      total.refused += refused;
    } else if (isOf('requests-lost', type)) {
      const { lost, lastCountId } = lostSchema.parse(data);
      const lastCount = [...waiting].find(([, count]) => count.id === lastCountId);
      if (lastCount?.[1].count !== lost) mistakes.push(id);
      if (lastCount !== undefined) waiting.delete(lastCount[0]);
      total.lost += lost;
    }
  }
  const left = [...waiting.values()].reduce((sum, { count }) => sum + count, 0);
  return { ...total, waiting: left, mistakes };
};
