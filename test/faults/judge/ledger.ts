/** The ledger of held requests, added up from the log alone. */
import { z } from 'zod';
import { isOf, type JudgedEvent } from './judge-log.ts';

const countSchema = z.object({
  held: z.int(),
  released: z.int(),
  timedOut: z.int(),
  shed: z.int(),
  abandoned: z.int(),
  waiting: z.int(),
});
const lostSchema = z.object({ instance: z.string(), lost: z.int(), lastCountId: z.string() });

/** What RequestsLost names of a workload. */
export const lostRequests = (events: readonly JudgedEvent[]): number =>
  events
    .filter((event) => isOf(event, 'requests-lost'))
    .reduce((sum, { data }) => sum + lostSchema.parse(data).lost, 0);

/** Counts that do not follow from the count before, and losses that no count explains. */
export const ledgerMistakes = (events: readonly JudgedEvent[]): readonly string[] => {
  const waiting = new Map<string, { readonly id: string; readonly count: number }>();
  return events.flatMap((event) => {
    if (isOf(event, 'requests-counted')) {
      const {
        held,
        released,
        timedOut,
        shed,
        abandoned,
        waiting: left,
      } = countSchema.parse(event.data);
      const before = waiting.get(event.on)?.count ?? 0;
      waiting.set(event.on, { id: event.id, count: left });
      const expected = before + held - released - timedOut - shed - abandoned;
      return left === expected ? [] : [`${event.id}: ${left} wait instead of ${expected}`];
    }
    if (!isOf(event, 'requests-lost')) return [];
    const { lost, lastCountId } = lostSchema.parse(event.data);
    const counted = [...waiting].find(([, { id }]) => id === lastCountId);
    if (counted !== undefined) waiting.delete(counted[0]);
    return counted?.[1].count === lost ? [] : [`${event.id}: no count of ${lost} waiting`];
  });
};
