/** Rounds over real queue-proxy pages in virtual time, for tests: who is told, in which seconds. */
import { decodeSamples, type WorkloadKey } from '@flyball/contracts';
import type { ScrapeTargets } from '@flyball/domain';
import { type EventLog, openMemoryEventLog } from '@flyball/event-log';
import { VirtualTime, virtualClock } from '@flyball/service/testing';
import { Registry } from 'prom-client';
import { createCollectorMetrics } from '../metrics.ts';
import { createScrapeRounds } from '../scrape-rounds.ts';
import { createScraper } from '../scraper.ts';
import { type PagesServer, startPagesServer } from './pages-server.ts';
import { passBesideSockets } from './socket-time.ts';

const startMs = 1_767_225_600_000;
const secondMs = 1_000;
/** Rounds are over by then, and the next ones have not begun. */
const afterRoundMs = 950;

/** The page of a queue-proxy that has so many requests in flight. */
export const queueProxyPage = (concurrency: number): string =>
  [
    ['second_timestamp_seconds', startMs / secondMs],
    ['average_concurrent_requests', concurrency],
    ['average_proxied_concurrent_requests', 0],
    ['requests_per_second', concurrency],
    ['proxied_requests_per_second', 0],
    ['in_flight_requests', concurrency],
    ['proxied_in_flight_requests', 0],
  ]
    .map(([name, value]) => `flyball_queue_proxy_${name} ${value}\n`)
    .join('');

type Told = readonly [second: number, concurrency: number | null];

export interface RoundsBed extends AsyncDisposable {
  /** A ready pod with a page; its workload is there from then on. */
  addPod(workload: WorkloadKey, page: PagesServer['page']): Promise<PagesServer>;
  /** So many rounds go by. */
  pass(rounds: number): Promise<void>;
  /** Seconds that were told, from 0 on, with a workload's concurrency, null while it is blind. */
  toldOf(workload: WorkloadKey): Promise<readonly Told[]>;
}

const toldOf = async ({ samples }: EventLog, workload: WorkloadKey): Promise<readonly Told[]> => {
  const told: Told[] = [];
  const { lastSeq } = await samples.state();
  for (let seq = 1; seq <= lastSeq; seq += 1) {
    const message = await samples.at(seq);
    const decoded = decodeSamples(message?.body ?? '', message?.subject ?? '', seq);
    if (!decoded.ok) throw new Error(`batch ${seq} cannot be read`);
    const { secondAtMs, rows } = decoded.event.data;
    const milli = rows.concurrencyMilli[rows.workloads.indexOf(workload)];
    if (milli === undefined) throw new Error(`${workload} is not in batch ${seq}`);
    told.push([(secondAtMs - startMs) / secondMs, milli === null ? null : milli / secondMs]);
  }
  return told;
};

/** `atOnceMax` pods have a turn at the same time, each with `withinMs` in all. */
export const startRoundsBed = (atOnceMax: number, withinMs: number): RoundsBed => {
  const time = new VirtualTime();
  const clock = virtualClock(time, startMs + secondMs);
  const { monotonicMs } = clock;
  const log = openMemoryEventLog();
  const targets: ScrapeTargets = { workloads: {} };
  const servers: PagesServer[] = [];
  const queueProxies = createScraper({ atOnceMax, clock });
  const rounds = createScrapeRounds({
    log,
    life: { clock, incarnation: '1-a', logger: { warn: () => undefined } },
    scrapers: {
      ...{ queueProxies, withinMs, monotonicMs },
      sources: { scrape: async () => undefined },
      onScraped: () => undefined,
      onSource: () => undefined,
    },
    metrics: createCollectorMetrics(new Registry()),
  });
  const end = new AbortController();
  const ownership = { isHeld: () => true, partitionCount: 1 };
  const known = { targets: () => targets, activators: new Map() };
  const over = rounds(0, known, { signal: end.signal, ownership });
  let passed = 0;
  return {
    addPod: async (workload, page) => {
      const server = await startPagesServer(page);
      servers.push(server);
      const metricsAddress = `127.0.0.1:${server.port}`;
      targets.workloads[workload] ??= { pods: {} };
      targets.workloads[workload].pods[`pod-${server.port}`] = {
        ...{ address: null, metricsAddress, ready: true },
      };
      return server;
    },
    pass: async (count) => {
      passed += count;
      const untilMs = (passed - 1) * secondMs + afterRoundMs;
      await passBesideSockets(time, untilMs - time.nowMs);
    },
    toldOf: (workload) => toldOf(log, workload),
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await over;
      await queueProxies.close();
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
};
