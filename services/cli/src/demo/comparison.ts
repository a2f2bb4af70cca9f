/** The latency table of a load, beside what the articles published of theirs. */
import Table from 'cli-table3';
import type { LoadResult } from './load.ts';
import { publishedRun } from './scene.ts';

const ms = (value: number): string => `${value.toFixed(0)} ms`;

const plainBorders = {
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  style: { head: [], border: [] },
};

/** One row per figure; the article ran a real cluster for 30 s, this is this machine. */
export const comparison = (load: LoadResult): string => {
  const table = new Table({ ...plainBorders, head: ['', 'here', "the article's run"] });
  table.push(
    ['responses', String(load.responses), String(publishedRun.responses)],
    ['requests/s', load.requestsPerSecond.toFixed(1), publishedRun.requestsPerSecond.toFixed(1)],
  );
  for (const figure of ['fastest', 'p50', 'p90', 'p99', 'slowest'] as const) {
    table.push([figure, ms(load.latencyMs[figure]), ms(publishedRun.latencyMs[figure])]);
  }
  return table.toString();
};
