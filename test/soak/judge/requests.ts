/** Which requests may fail in a soak: those of a gateway that was being killed, and no others. */
import { heldWorkload } from '../../faults/bed/scene.ts';
import type { Outcome } from '../load/mixed-load.ts';

/** What a client sees whose gateway has died, or is not there yet. */
const deathOfGateway: readonly string[] = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'];

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The workload whose pods never listen is answered with 504, in time. */
const isAnswer = ({ workload, how }: Outcome): boolean =>
  workload === heldWorkload && how === '504';

const isExcused = ({ how, endedAtMs }: Outcome, deaths: readonly Span[]): boolean =>
  deathOfGateway.includes(how) &&
  deaths.some(({ fromMs, toMs }) => endedAtMs >= fromMs && endedAtMs <= toMs);

const countBy = (texts: readonly string[]): string[] =>
  [...Map.groupBy(texts, (text) => text)].map(([text, all]) => `${all.length} × ${text}`);

/** Failures that nothing excuses, counted by workload and by how they ended. */
export const unexcused = (
  failures: readonly Outcome[],
  deaths: readonly Span[],
): readonly string[] =>
  countBy(
    failures
      .filter((failure) => !isAnswer(failure) && !isExcused(failure, deaths))
      .map(({ workload, how }) => `${workload}: ${how}`),
  );

/** How many requests each way of ending has, `200` first. */
export const outcomeLine = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([how, count]) => `${count} × ${how}`)
    .join(', ');
