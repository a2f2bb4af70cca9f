/** What a series of runs came to: the table that is printed at its end. */
import Table from 'cli-table3';
import type { FaultKind } from './plan.ts';
import type { Verdict } from './simulate.ts';

export interface Summary {
  add(verdict: Verdict, ranTwice: boolean, repeatable: boolean): void;
  lines(): readonly string[];
}

const perSecond = (count: number, ms: number): string => ((count * 1_000) / ms).toFixed(1);

export const createSummary = (): Summary => {
  const startedMs = performance.now();
  const faults = new Map<FaultKind, number>();
  const sum = {
    seeds: 0,
    failed: 0,
    twice: 0,
    unlike: 0,
    virtualMs: 0,
    steps: 0,
    messages: 0,
    requests: 0,
  };

  const add: Summary['add'] = ({ plan, ran, wrong }, ranTwice, repeatable) => {
    const { world, virtualMs } = ran;
    sum.seeds += 1;
    sum.failed += wrong.length > 0 ? 1 : 0;
    sum.twice += ranTwice ? 1 : 0;
    sum.unlike += repeatable ? 0 : 1;
    sum.virtualMs += virtualMs;
    sum.steps += world.time.steps;
    sum.messages += world.observer.messages.length;
    for (const count of world.clients.answers.values()) sum.requests += count;
    for (const { kind } of plan.faults) faults.set(kind, (faults.get(kind) ?? 0) + 1);
  };

  const lines = (): readonly string[] => {
    const tookMs = performance.now() - startedMs;
    const figures = new Table({ head: ['', ''], style: { head: [], border: [] } });
    figures.push(
      ['seeds', sum.seeds],
      ['failed', sum.failed],
      ['run twice', sum.twice],
      ['of these not the same bytes', sum.unlike],
      ['seconds', (tookMs / 1_000).toFixed(0)],
      ['seeds per second', perSecond(sum.seeds, tookMs)],
      ['virtual time', `${(sum.virtualMs / 3_600_000).toFixed(1)} h`],
      ['virtual per real time', `${(sum.virtualMs / tookMs).toFixed(0)} ×`],
      ['messages stored', sum.messages],
      ['requests', sum.requests],
    );
    const kinds = new Table({ head: ['fault', 'times'], style: { head: [], border: [] } });
    for (const [kind, times] of [...faults].sort(([one], [other]) => (one < other ? -1 : 1))) {
      kinds.push([kind, times]);
    }
    return [kinds.toString(), figures.toString()];
  };
  return { add, lines };
};
