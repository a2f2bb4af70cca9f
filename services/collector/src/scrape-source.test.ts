/** Pages over HTTP: who is asked, how often, and what follows when one does not answer. */
import type { MetricsSource, WorkloadKey } from '@flyball/contracts';
import type { ScrapedWorkload } from '@flyball/domain';
import { systemClock } from '@flyball/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askPods } from './ask-pods.ts';
import { createPageReader, type PageReader } from './page-reader.ts';
import { createSourceScraper } from './scrape-source.ts';
import { scrapeWorkload } from './scrape-workload.ts';
import { startPagesServer } from './testing/pages-server.ts';
import { silentScrapers } from './testing/silent-scrapers.ts';
import { createUrlPages } from './url-pages.ts';

const web: WorkloadKey = 'default/web';
const secondAtMs = 1_767_225_600_000;
const bytesMax = 65_536;

let reader: PageReader;
/** Told by hand: rates are of the time that goes by. */
let monotonic = 0;
beforeEach(() => {
  reader = createPageReader({ atOnceMax: 8, bytesMax, clock: systemClock });
  monotonic = 0;
});
afterEach(() => reader.close());

const scraper = (hosts: readonly string[] = [], addresses: readonly string[] = ['127.0.0.1']) => {
  const time = { withinMs: 700, nowMs: () => secondAtMs, monotonicMs: () => monotonic };
  const resolve = async () => addresses;
  const urls = createUrlPages({ ...time, reader, hosts, resolve });
  return createSourceScraper({ ...time, urls, pods: reader });
};
const sourceAt = (urls: readonly string[], more: Partial<MetricsSource> = {}): MetricsSource => ({
  pages: { from: 'urls', urls: [...urls] },
  concurrency: 'active{app="web"}',
  requests: null,
  absent: 'blind',
  ...more,
});
const target = (source: MetricsSource, pods: ScrapedWorkload['pods'] = {}) => ({ source, pods });
const load = (concurrency: number, requestsPerSecond = 0) => ({
  kind: 'load',
  load: { concurrency, requestsPerSecond },
});

describe('a page with a URL', () => {
  it('is got once a second for all who name it, and under its own name', async () => {
    await using ingress = await startPagesServer('active{app="web"} 3\nactive{app="x"} 4\n');
    const url = `http://ingress.test:${ingress.port}/stats?format=prometheus`;
    const asking = scraper();
    const other = sourceAt([url], { concurrency: 'active{app="x"}' });
    const answers = await Promise.all([
      asking.scrape(web, target(sourceAt([url])), secondAtMs),
      asking.scrape('default/x', target(other), secondAtMs),
    ]);
    expect(answers).toEqual([load(3), load(4)]);
    expect(ingress.asked).toEqual([`ingress.test:${ingress.port}/stats?format=prometheus`]);
    await asking.scrape(web, target(sourceAt([url])), secondAtMs + 1_000);
    expect(ingress.asked).toHaveLength(2);
  });

  it('is got from every address of its name, and from every URL; they add up', async () => {
    await using one = await startPagesServer('active{app="web"} 3\n');
    await using two = await startPagesServer('active{app="web"} 4\n');
    const asking = scraper([], ['127.0.0.1', '127.0.0.1']);
    const urls = [one, two].map(({ port }) => `http://ingress.test:${port}/`);
    expect(await asking.scrape(web, target(sourceAt(urls)), secondAtMs)).toEqual(load(14));
  });

  it.each([
    ['an error', 500, 'it answered 500'],
    ['silence', 'silence', 'it took longer than 700 ms'],
    ['too much', 'x'.repeat(bytesMax + 1), 'Response content exceeded max size'],
    ['others', 'active{app="x"} 1\n', 'no such series'],
    ['no number', 'active{app="web"} NaN\n', 'no such series, or one that is no count'],
  ] as const)('that answers with %s leaves the workload blind', async (_what, page, reason) => {
    await using good = await startPagesServer('active{app="web"} 3\n');
    await using bad = await startPagesServer(page);
    const urls = [good, bad].map(({ port }) => `http://ingress.test:${port}/`);
    const answer = await scraper().scrape(web, target(sourceAt(urls)), secondAtMs);
    expect(answer).toEqual({ kind: 'blind', reason: expect.stringContaining(reason) });
  });

  it('is asked for at hosts that are allowed only', async () => {
    await using ingress = await startPagesServer('active{app="web"} 3\n');
    const asking = scraper(['ingress.test', '.gateways.test']);
    const at = (host: string) =>
      asking.scrape(web, target(sourceAt([`http://${host}:${ingress.port}/`])), secondAtMs);
    expect(await at('ingress.test')).toEqual(load(3));
    expect(await at('a.gateways.test')).toEqual(load(3));
    const refused = { kind: 'blind', reason: expect.stringContaining('not one of the hosts') };
    expect(await at('secrets.test')).toEqual(refused);
    expect(await at('notgateways.test')).toEqual(refused);
  });

  it.each(['169.254.169.254', 'fe80::1'])('is never asked for at %s', async (address) => {
    const source = sourceAt(['http://ingress.test/']);
    const answer = await scraper([], [address]).scrape(web, target(source), secondAtMs);
    expect(answer).toEqual({ kind: 'blind', reason: expect.stringContaining('link only') });
  });
});

it('counters are compared with the last time, per page', async () => {
  await using one = await startPagesServer('seen_total{app="web"} 1000\n');
  await using two = await startPagesServer('seen_total{app="web"} 50\n');
  const urls = [one, two].map(({ port }) => `http://ingress.test:${port}/`);
  const more = { concurrency: null, requests: 'seen_total{app="web"}' };
  const source = sourceAt(urls, more);
  const asking = scraper();
  expect(await asking.scrape(web, target(source), secondAtMs)).toMatchObject({ kind: 'blind' });
  monotonic += 2_000;
  one.page = 'seen_total{app="web"} 1030\n';
  // This one was started again.
  two.page = 'seen_total{app="web"} 4\n';
  expect(await asking.scrape(web, target(source), secondAtMs + 2_000)).toEqual(load(0, 17));
});

describe('pages of pods', () => {
  const podSource: MetricsSource = {
    ...sourceAt([]),
    pages: { from: 'pods', port: null, path: '/own' },
  };
  const pod = (address: string | null, ready = true) => ({ address, metricsAddress: null, ready });

  it('are those of ready pods; one that is silent leaves the workload blind', async () => {
    await using app = await startPagesServer('active{app="web"} 2\n');
    const at = `127.0.0.1:${app.port}`;
    const pods = { a: pod(at), b: pod(at), starting: pod('127.0.0.1:1', false), new: pod(null) };
    const asking = scraper();
    expect(await asking.scrape(web, target(podSource, pods), secondAtMs)).toEqual(load(4));
    expect(app.asked).toEqual([`${at}/own`, `${at}/own`]);
    const dead = { ...pods, starting: pod('127.0.0.1:1') };
    const answer = await asking.scrape(web, target(podSource, dead), secondAtMs);
    expect(answer).toMatchObject({ kind: 'blind' });
    expect(await asking.scrape(web, target(podSource), secondAtMs)).toBeUndefined();
  });

  it('may be at a port of their own, and some stand for all', async () => {
    await using app = await startPagesServer('active{app="web"} 2\n');
    const pods = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`web-${at}`, pod('127.0.0.1:1')]),
    );
    const own: MetricsSource = {
      ...podSource,
      pages: { from: 'pods', port: app.port, path: '/own' },
    };
    expect(await scraper().scrape(web, target(own, pods), secondAtMs)).toEqual(load(80));
    expect(app.asked).toHaveLength(12);
  });
});

it('the rate of pods is that of those that were there before; a new one has none yet', async () => {
  await using app = await startPagesServer('seen_total{app="web"} 100\n');
  const source: MetricsSource = {
    ...sourceAt([], { concurrency: null, requests: 'seen_total{app="web"}' }),
    pages: { from: 'pods', port: app.port, path: '/metrics' },
  };
  const podsNamed = (...names: string[]): ScrapedWorkload['pods'] =>
    Object.fromEntries(
      names.map((name) => [name, { address: '127.0.0.1:1', metricsAddress: null, ready: true }]),
    );
  const asking = scraper();
  const asked = (second: number, ...names: string[]) => {
    monotonic = second * 1_000;
    return asking.scrape(web, target(source, podsNamed(...names)), secondAtMs + second * 1_000);
  };
  expect(await asked(0, 'a', 'b')).toMatchObject({ kind: 'blind' });
  app.page = 'seen_total{app="web"} 110\n';
  expect(await asked(1, 'a', 'b', 'new')).toEqual(load(0, 30));
  app.page = 'seen_total{app="web"} 5\n';
  expect(await asked(2, 'new')).toEqual(load(0, 5));
});

describe('at zero', () => {
  const second = async (page: string | number) => {
    await using ingress = await startPagesServer(page);
    const source = sourceAt([`http://ingress.test:${ingress.port}/`]);
    const scrapers = { ...silentScrapers(), sources: scraper() };
    const asked = { secondAtMs, activators: new Map() };
    return await scrapeWorkload(scrapers, web, target(source), asked);
  };

  it('only a load is told: nobody watches it otherwise', async () => {
    expect(await second('active{app="web"} 3\n')).toMatchObject({ inFlight: 3 });
    expect(await second('active{app="web"} 0\n')).toBeUndefined();
    expect(await second(500)).toBeUndefined();
  });
});

describe('asking pods', () => {
  const ask = (
    answers: Readonly<Record<string, number>>,
    { tookMs = 0, withinMs = 800, silent = '' } = {},
  ) => {
    let now = 0;
    const asked: string[] = [];
    return {
      asked,
      asking: askPods<string, number>({
        order: ['a', 'b', 'c', 'd'],
        size: 2,
        withinMs,
        monotonicMs: () => now,
        isSilent: (pod) => silent.includes(pod),
        ask: async (pod) => {
          asked.push(pod);
          now += tookMs;
          return answers[pod];
        },
      }),
    };
  };

  it('asks another in the place of one that refused', async () => {
    const { asked, asking } = ask({ a: 1, c: undefined as never, d: 4 });
    expect(await asking).toEqual([1, 4]);
    expect(asked).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives up when the time is over, or nobody is left', async () => {
    expect(await ask({ a: 1 }).asking).toEqual([1, undefined]);
    expect(await ask({ a: 1, c: 3 }, { tookMs: 800 }).asking).toEqual([1, undefined]);
  });

  it('asks at least the first ones, however short the time is', async () => {
    const { asked, asking } = ask({ a: 1 }, { withinMs: 10 });
    expect(await asking).toEqual([1, undefined]);
    expect(asked).toEqual(['a', 'b']);
  });

  it('asks one that is known to be silent too, and does not wait for it', async () => {
    const { asked, asking } = ask({ a: 1, c: 3, d: 4 }, { tookMs: 800, silent: 'b' });
    expect(await asking).toEqual([1, 3]);
    expect(asked).toEqual(['a', 'c', 'b']);
  });

  it('leaves one that is known to be silent alone when it is the turn of others', async () => {
    const { asked, asking } = ask({ a: 1, b: 2 }, { silent: 'c' });
    expect(await asking).toEqual([1, 2]);
    expect(asked).toEqual(['a', 'b']);
  });

  it('waits for one that is known to be silent where there are too few others', async () => {
    const { asked, asking } = ask({ b: 2, c: 3 }, { tookMs: 800, silent: 'abd' });
    expect(await asking).toEqual([3, undefined]);
    expect(asked).toEqual(['c', 'a', 'b']);
  });
});
