/** Where a trace leads to: its workload's page at the moment of this trace. */
import type { TraceTold } from '../../../src/wire.ts';
import { workloadLink } from '../routing/route.ts';
import { stretchAround } from '../routing/shown-range.ts';

/** How much of the workload's time a trace leads to, on both sides. */
const aroundMs = 60_000;

/** At the first decision about it, else at the trace's end; null: it is of no workload. */
export const momentLink = ({
  summary: { workload, startMs, durationMs },
  events,
}: Pick<TraceTold, 'summary' | 'events'>): string | null => {
  if (workload === null) return null;
  const endMs = startMs + durationMs;
  const decided = events.find((event) => event.type === 'Decided' && event.workload === workload);
  const range = stretchAround({ fromMs: startMs - aroundMs, toMs: endMs + aroundMs });
  return workloadLink(workload, { range, atMs: Math.round(decided?.atMs ?? endMs) });
};
