/** Asks a pod's queue-proxy for its last whole second. */
import { type PodSecond, plainSamples } from '@flyball/domain';
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
    inFlight: value('in_flight_requests'),
  };
  const whole = Object.values(second).every((one) => Number.isFinite(one) && one >= 0);
  return whole ? second : undefined;
};

/** Keeps one connection to each pod; `timeoutMs` is for the whole answer. */
export const createScraper = (timeoutMs: number): Scraper => {
  const agent = new Agent({ connections: 1, pipelining: 1, keepAliveTimeout: 30_000 });
  return {
    scrape: async (metricsAddress) => {
      try {
        const { statusCode, body } = await agent.request({
          origin: `http://${metricsAddress}`,
          path: '/metrics',
          method: 'GET',
          signal: AbortSignal.timeout(timeoutMs),
        });
        if (statusCode !== 200) {
          await body.dump();
          return undefined;
        }
        const page = await body.text();
        return page.length > pageBytesMax ? undefined : secondOf(page);
      } catch {
        // Whatever the reason, the pod was not heard: its workload is blind for this second.
        return undefined;
      }
    },
    close: () => agent.close(),
  };
};
