/** The pages that several workloads share: each is got once a second, whoever asks. */
import { lookup } from 'node:dns/promises';
import { BlockList } from 'node:net';
import { type PrometheusPage, readPrometheusPage } from '@flyball/domain';
import type { PageReader } from './page-reader.ts';

/** More servers than these behind one name are not asked. */
const addressesMax = 64;
/** How long a name's addresses are taken for known. */
const addressesKeptMs = 5_000;
const namesMax = 1_000;
/** Seconds whose pages are kept: partitions do not ask at quite the same moment. */
const secondsKept = 2;

export interface UrlPage {
  /** The page and the address that it came from. */
  readonly key: string;
  readonly page: PrometheusPage;
  readonly atMs: number;
}

export type UrlPages =
  | { readonly ok: true; readonly pages: readonly UrlPage[] }
  | { readonly ok: false; readonly reason: string };

export interface UrlPagesReader {
  /** The pages of every address that the URL's name stands for; none is left out. */
  read(url: string, secondAtMs: number): Promise<UrlPages>;
}

export interface UrlPagesOptions {
  readonly reader: PageReader;
  readonly withinMs: number;
  /** Names that may be asked, or ends of names with a dot in front; empty: all. */
  readonly hosts: readonly string[];
  readonly monotonicMs: () => number;
  /** All addresses of a name; absent: those that this machine finds. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/** Of a server with addresses of both kinds only one: it would be counted twice. */
const addressesOf = async (host: string): Promise<readonly string[]> => {
  const found = await lookup(host.replace(/^\[(.*)\]$/, '$1'), { all: true });
  const four = found.filter(({ family }) => family === 4);
  return (four.length > 0 ? four : found).map(({ address }) => address);
};

/** Where clouds tell machines who they are: nobody's metrics are there. */
const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addSubnet('fe80::', 10, 'ipv6');

const isLinkLocal = (address: string): boolean =>
  linkLocal.check(address, address.includes(':') ? 'ipv6' : 'ipv4');

const isAllowed = (host: string, hosts: readonly string[]): boolean =>
  hosts.length === 0 ||
  hosts.some((one) => (one.startsWith('.') ? host.endsWith(one) : host === one));

const timeLimit = (withinMs: number): Promise<never> =>
  new Promise((_, reject) => {
    const late = () => reject(new Error(`its name was not found within ${withinMs} ms`));
    setTimeout(late, withinMs).unref();
  });

/** Looks names up now and then. */
const createResolver = ({ resolve = addressesOf, withinMs, monotonicMs }: UrlPagesOptions) => {
  const known = new Map<string, { readonly untilMs: number; readonly all: readonly string[] }>();
  return async (host: string): Promise<readonly string[]> => {
    const kept = known.get(host);
    if (kept !== undefined && kept.untilMs > monotonicMs()) return kept.all;
    const all = await Promise.race([resolve(host), timeLimit(withinMs)]);
    if (known.size >= namesMax) known.clear();
    known.set(host, { untilMs: monotonicMs() + addressesKeptMs, all });
    return all;
  };
};

export const createUrlPages = (options: UrlPagesOptions): UrlPagesReader => {
  const { reader, withinMs, hosts, monotonicMs } = options;
  const addresses = createResolver(options);

  const readAll = async (text: string): Promise<UrlPages> => {
    const url = new URL(text);
    if (!isAllowed(url.hostname, hosts)) {
      return { ok: false, reason: `${url.hostname} is not one of the hosts that may be asked` };
    }
    const endMs = monotonicMs() + withinMs;
    const all = await addresses(url.hostname);
    if (all.length === 0 || all.length > addressesMax) {
      const allowed = `allowed are 1 to ${addressesMax}`;
      return { ok: false, reason: `${url.hostname} has ${all.length} addresses; ${allowed}` };
    }
    if (all.some(isLinkLocal)) {
      return { ok: false, reason: `${url.hostname} is an address of this machine's link only` };
    }
    const pages: UrlPage[] = [];
    const path = `${url.pathname}${url.search}`;
    const asking = { path, host: url.host, whole: text, withinMs: endMs - monotonicMs() };
    const asked = all.map(async (address) => {
      const shown = address.includes(':') ? `[${address}]` : address;
      const origin = `http://${shown}:${url.port === '' ? 80 : url.port}`;
      const answer = await reader.read({ origin, ...asking });
      if (!answer.ok) return `${origin}${path}: ${answer.reason}`;
      const key = `${origin}${path}`;
      pages.push({ key, page: readPrometheusPage(answer.text), atMs: monotonicMs() });
      return undefined;
    });
    const reason = (await Promise.all(asked)).find((one) => one !== undefined);
    return reason === undefined ? { ok: true, pages } : { ok: false, reason };
  };

  const bySecond = new Map<number, Map<string, Promise<UrlPages>>>();
  const ofSecond = (secondAtMs: number): Map<string, Promise<UrlPages>> => {
    const pages = bySecond.get(secondAtMs) ?? new Map<string, Promise<UrlPages>>();
    bySecond.set(secondAtMs, pages);
    for (const one of bySecond.keys()) if (bySecond.size > secondsKept) bySecond.delete(one);
    return pages;
  };
  return {
    read: (url, secondAtMs) => {
      const pages = ofSecond(secondAtMs);
      const asked =
        pages.get(url) ??
        readAll(url).catch((error: Error) => ({ ok: false as const, reason: error.message }));
      pages.set(url, asked);
      return asked;
    },
  };
};
