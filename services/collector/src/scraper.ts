/** Asks a pod's queue-proxy for its last whole second. */
import { type PodSecond, plainSamples } from '@flyball/domain';
import pLimit from 'p-limit';
import { Agent } from 'undici';

const milli = 1_000;
/** A page of a queue-proxy has some 2 kB; a larger one is not one. */
const pageBytesMax = 65_536;
const metric = (name: string): string => `flyball_queue_proxy_${name}`;

export interface Scraper {
  /** Undefined when the pod did not answer in time or not with the counts of a second. */
  scrape(metricsAddress: string): Promise<PodSecond | undefined>;
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

export interface ScraperOptions {
  /** For the whole answer, from the moment that the pod is asked. */
  readonly timeoutMs: number;
  /** Pods that are asked at the same time; the others wait for their turn. */
  readonly atOnceMax: number;
}

/** Asks pods over one kept connection each. */
export const createScraper = ({ timeoutMs, atOnceMax }: ScraperOptions): Scraper => {
  const agent = new Agent({
    connections: 1,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    maxResponseSize: pageBytesMax,
  });
  const turn = pLimit(atOnceMax);
  const ask = async (metricsAddress: string): Promise<PodSecond | undefined> => {
    try {
      const { statusCode, body } = await agent.request({
        origin: `http://${metricsAddress}`,
        path: '/metrics',
        method: 'GET',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const page = await body.text();
      return statusCode === 200 ? secondOf(page) : undefined;
    } catch {
      // Whatever the reason, the pod was not heard: its workload is blind for this second.
      return undefined;
    }
  };
  return {
    scrape: (metricsAddress) => turn(() => ask(metricsAddress)),
    // Not `close`, which waits for pods that may never answer.
    close: () => agent.destroy(),
  };
};
