/** Asks a pod's queue-proxy for its last whole second. */
import type { WorkloadKey } from '@flyball/contracts';
import { type PodSecond, plainSamples } from '@flyball/domain';
import { createPageReader, type PageReaderOptions } from './page-reader.ts';

const milli = 1_000;
/** A page of a queue-proxy has some 2 kB; a larger one is not one. */
const pageBytesMax = 65_536;
const metric = (name: string): string => `flyball_queue_proxy_${name}`;

export interface AskedPod {
  readonly workload: WorkloadKey;
  readonly metricsAddress: string;
  /** Waiting for its turn included. */
  readonly withinMs: number;
}

export interface ScraperOptions {
  readonly atOnceMax: number;
  readonly clock: PageReaderOptions['clock'];
}

export interface Scraper {
  /** Undefined when the pod did not answer in time or not with the counts of a second. */
  scrape(asked: AskedPod): Promise<PodSecond | undefined>;
  /** Whether it did not answer in time when it was asked last. */
  isSilent(metricsAddress: string): boolean;
  /** Pods that are being asked or wait for their turn, without those that are last in line. */
  readonly depth: () => number;
  close(): Promise<void>;
}

const secondOf = (page: string): PodSecond | undefined => {
  const samples = plainSamples(page);
  const value = (name: string): number => samples.get(metric(name)) ?? Number.NaN;
  const second = {
    secondAtMs: Math.round(value('second_timestamp_seconds') * milli),
    concurrency: value('average_concurrent_requests'),
    proxiedConcurrency: value('average_proxied_concurrent_requests'),
    requests: value('requests_per_second'),
    proxiedRequests: value('proxied_requests_per_second'),
    // The rest is in flight at an activator too, which tells of it.
    inFlight: Math.max(0, value('in_flight_requests') - value('proxied_in_flight_requests')),
  };
  const whole = Object.values(second).every((one) => Number.isFinite(one) && one >= 0);
  return whole ? second : undefined;
};

/** Asks pods over one kept connection each, `atOnceMax` of them at the same time. */
export const createScraper = ({ atOnceMax, clock }: ScraperOptions): Scraper => {
  const pages = createPageReader({ atOnceMax, bytesMax: pageBytesMax, clock });
  const placeOf = (metricsAddress: string) => ({
    origin: `http://${metricsAddress}`,
    path: '/metrics',
  });
  return {
    scrape: async ({ workload, metricsAddress, withinMs }) => {
      const page = placeOf(metricsAddress);
      const answer = await pages.read({ ...page, whole: workload, withinMs });
      return answer.ok ? secondOf(answer.text) : undefined;
    },
    isSilent: (metricsAddress) => pages.isSilent(placeOf(metricsAddress)),
    depth: pages.depth,
    close: pages.close,
  };
};
