/** What a series of runs came to: the table that is printed at its end. */
import Table from 'cli-table3';
import type { FaultKind } from './plan.ts';
import type { SeedReport } from './seed-report.ts';

export interface Summary {
  /** So far. */
  readonly counts: { readonly seeds: number; readonly failed: number };
  add(report: SeedReport): void;
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
    messages: 0,
    requests: 0,
  };

  const add: Summary['add'] = (report) => {
    sum.seeds += 1;
    sum.failed += report.failed ? 1 : 0;
    sum.twice += report.ranTwice ? 1 : 0;
    sum.unlike += report.repeatable ? 0 : 1;
    sum.virtualMs += report.virtualMs;
    sum.messages += report.messages;
    sum.requests += report.requests;
    for (const kind of report.faults) faults.set(kind, (faults.get(kind) ?? 0) + 1);
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
  return { counts: sum, add, lines };
};
