/** Pods that never answer, more of them than turns: who answers is told all the same. */
import type { WorkloadKey } from '@flyball/contracts';
import { systemClock } from '@flyball/service';
import { VirtualTime, virtualClock } from '@flyball/service/testing';
import { describe, expect, it } from 'vitest';
import { scrapeWorkload } from './scrape-workload.ts';
import { createScraper } from './scraper.ts';
import { createSilentPages } from './silent-pages.ts';
import { type PagesServer, startPagesServer } from './testing/pages-server.ts';
import { queueProxyPage, type RoundsBed, startRoundsBed } from './testing/rounds-bed.ts';
import { silentScrapers } from './testing/silent-scrapers.ts';

const atOnceMax = 4;
const withinMs = 800;
/** Asked for after all others: its name is the last. */
const web: WorkloadKey = 'default/web';

const secondsTold = (rounds: number): readonly number[] =>
  Array.from({ length: rounds }, (_, second) => second);

const addDeadWorkloads = async (bed: RoundsBed, count: number): Promise<void> => {
  for (let at = 0; at < count; at += 1) await bed.addPod(`default/dead-${at}`, 'silence');
};

describe('with five times as many silent pods as turns', () => {
  const silentPods = 5 * atOnceMax;
  /** So long until each of them had a turn: nobody knows before who is silent. */
  const roundsToFind = 5;

  it('a healthy workload is told of every second once they are known', async () => {
    // Given silent pods in front of a healthy one
    await using bed = startRoundsBed(atOnceMax, withinMs);
    await addDeadWorkloads(bed, silentPods);
    await bed.addPod(web, queueProxyPage(3));
    // When seconds go by, some of them after each silent pod was asked
    await bed.pass(roundsToFind + 4);
    // Then none is left out, and from then on the healthy one is heard in each
    const told = await bed.toldOf(web);
    expect(told.map(([second]) => second)).toEqual(secondsTold(roundsToFind + 4));
    expect(told.slice(roundsToFind).map(([, value]) => value)).toEqual([3, 3, 3, 3]);
    const dead = await bed.toldOf('default/dead-0');
    expect(new Set(dead.map(([, value]) => value))).toEqual(new Set([null]));
  });

  it('one that had no turn is not taken for silent, and does not wait for them again', async () => {
    await using dead = await startPagesServer('silence');
    await using pod = await startPagesServer(queueProxyPage(3));
    const time = new VirtualTime();
    const scraper = createScraper({ atOnceMax: 1, clock: virtualClock(time, 0) });
    const ask = (workload: WorkloadKey, { port }: PagesServer) =>
      scraper.scrape({ workload, metricsAddress: `127.0.0.1:${port}`, withinMs });
    const first = [ask('default/dead', dead), ask(web, pod)];
    await expect.poll(() => dead.asked.length).toBe(1);
    await time.run(withinMs);
    expect(await Promise.all(first)).toEqual([undefined, undefined]);
    expect(pod.asked).toEqual([]);
    await time.run(1_000);
    const again = ask('default/dead', dead);
    await expect.poll(() => dead.asked.length).toBe(2);
    // No time goes by, and nobody gives a turn back.
    expect(await ask(web, pod)).toMatchObject({ concurrency: 3 });
    await time.run(2_000);
    expect(await again).toBeUndefined();
    await scraper.close();
  });

  it('a workload whose pods answer again is told when all had their turns', async () => {
    await using bed = startRoundsBed(atOnceMax, withinMs);
    await addDeadWorkloads(bed, silentPods);
    // Given a workload that is as silent as the others
    const pods = [await bed.addPod(web, 'silence'), await bed.addPod(web, 'silence')];
    await bed.pass(8);
    // When its pods answer again, and the others do not
    for (const pod of pods) pod.page = queueProxyPage(3);
    const roundsForAll = Math.ceil((silentPods + pods.length) / atOnceMax);
    await bed.pass(roundsForAll + 4);
    // Then both are reached while the others rest, and are in front again
    const values = (await bed.toldOf(web)).map(([, value]) => value);
    expect(values.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => null));
    expect(values.slice(8 + roundsForAll)).toEqual([6, 6, 6, 6]);
  });
});

it('a workload with many silent pods costs no more, though each second asks others', async () => {
  await using bed = startRoundsBed(atOnceMax, withinMs);
  for (let at = 0; at < 60; at += 1) await bed.addPod('default/dead', 'silence');
  await bed.addPod(web, queueProxyPage(3));
  await bed.pass(12);
  const told = await bed.toldOf(web);
  expect(told.map(([second]) => second)).toEqual(secondsTold(12));
  // Its first sample is in front once only: afterwards all its pods are taken for silent.
  expect(told.slice(1).map(([, value]) => value)).toEqual(Array.from({ length: 11 }, () => 3));
});

it('others stand in for a silent pod, which is asked too, and heard once it answers', async () => {
  await using bed = startRoundsBed(atOnceMax, withinMs);
  // Given ten pods, of which seven are asked each second
  for (let at = 0; at < 9; at += 1) await bed.addPod(web, queueProxyPage(3));
  const pod = await bed.addPod(web, 'silence');
  await bed.pass(10);
  // Then its workload is blind once: until it is known
  const before = (await bed.toldOf(web)).map(([, value]) => value);
  expect(before.filter((value) => value === null)).toHaveLength(1);
  expect(before.filter((value) => value === 30)).toHaveLength(9);
  // When it answers again
  pod.page = queueProxyPage(10);
  await bed.pass(10);
  // Then it is asked once more beside the others, and is in six samples: 6 * 3 + 10, for ten
  const after = (await bed.toldOf(web)).slice(10).map(([, value]) => value);
  expect(after.toSorted()).toEqual([30, 30, 30, 30, 40, 40, 40, 40, 40, 40]);
});

it('another pod is asked in the place of one that refuses, by a real clock', async () => {
  await using pod = await startPagesServer(queueProxyPage(3));
  const refusing = await startPagesServer(500);
  await using _ = refusing;
  const addressed = ({ port }: { port: number }) => ({
    ...{ address: null, metricsAddress: `127.0.0.1:${port}`, ready: true },
  });
  // Four of these five are asked.
  const pods = Object.fromEntries(
    [refusing, pod, pod, pod, pod].map((server, at) => [`web-${at}`, addressed(server)]),
  );
  const queueProxies = createScraper({ atOnceMax, clock: systemClock });
  const asked = { secondAtMs: 0, activators: new Map() };
  const scrapers = { ...silentScrapers(), queueProxies, withinMs: 10_000 };
  const second = await scrapeWorkload(scrapers, web, { pods }, asked);
  expect(refusing.asked).toHaveLength(1);
  expect(second).toMatchObject({ concurrencyMilli: 15_000 });
  await queueProxies.close();
});

describe('what is kept of silent pages', () => {
  const start = () => {
    const at = { ms: 0 };
    return { at, silent: createSilentPages({ atOnceMax, monotonicMs: () => at.ms }) };
  };
  const named = (name: string, whole?: string) => ({ name, whole });

  it('is forgotten when nobody asks for them any more: their pods are gone', () => {
    const { at, silent } = start();
    silent.fellSilent(named('gone', web), 0);
    silent.answered(named('gone too', web));
    silent.fellSilent(named('there'), 0);
    expect(silent.size()).toBe(4);
    for (at.ms = 1_000; at.ms <= 400_000; at.ms += 1_000) silent.rests(named('there'));
    expect(silent.isLast(named('other', web))).toBe(false);
    expect(silent.isLast(named('there'))).toBe(true);
    expect(silent.size()).toBe(1);
  });

  it('is bounded', () => {
    const { silent } = start();
    for (let page = 0; page < 10_500; page += 1) silent.fellSilent(named(`${page}`), 0);
    expect(silent.size()).toBe(10_000);
    expect(silent.isLast(named('0'))).toBe(false);
    expect(silent.isLast(named('10499'))).toBe(true);
  });

  it('is over when they answer', () => {
    const { silent } = start();
    silent.fellSilent(named('page'), 0);
    silent.answered(named('page'));
    expect(silent.isLast(named('page'))).toBe(false);
  });

  it('is not held against those of their workload that answer', () => {
    const { silent } = start();
    silent.fellSilent(named('dead', web), 0);
    expect(silent.isLast(named('unknown', web))).toBe(true);
    silent.answered(named('fine', web));
    expect(silent.isLast(named('fine', web))).toBe(false);
  });
});
