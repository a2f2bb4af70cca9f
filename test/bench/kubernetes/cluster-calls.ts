/** How many calls the services make to the API server, by their own metrics. */
import type { ServiceName } from '../../kubernetes/harness/flyball.ts';
import type { ClusterBed } from './bed.ts';

export interface CallCounts {
  /** Creates, patches, updates, deletes. */
  readonly writes: number;
  /** All of them; a watch counts when it is opened. */
  readonly all: number;
}

const metric = 'flyball_cluster_calls_total';
const reading = /verb="(get|list|watch)"/;

const countIn = (page: string): CallCounts => {
  let [writes, all] = [0, 0];
  for (const line of page.split('\n')) {
    if (!line.startsWith(metric)) continue;
    const count = Number(line.slice(line.lastIndexOf(' ') + 1));
    all += count;
    if (!reading.test(line)) writes += count;
  }
  return { writes, all };
};

/** Of a service, or of all that run, since each started. */
export const callsSoFar = async (bed: ClusterBed, name?: ServiceName): Promise<CallCounts> => {
  const asked = bed.replicas().filter(({ service }) => name === undefined || service === name);
  const pages = await Promise.all(
    asked.map(async ({ healthUrl }) => (await fetch(`${healthUrl}/metrics`)).text()),
  );
  const counts = pages.map(countIn);
  return {
    writes: counts.reduce((sum, { writes }) => sum + writes, 0),
    all: counts.reduce((sum, { all }) => sum + all, 0),
  };
};

/** What came between two countings of the same processes. */
export const callsBetween = (before: CallCounts, after: CallCounts): CallCounts => ({
  writes: after.writes - before.writes,
  all: after.all - before.all,
});
