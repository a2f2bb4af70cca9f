/** The collector as a process before two queue-proxies: sums, zero, and blindness. */
import type { SamplesReportedData, WorkloadKey } from '@flyball/contracts';
import { expect, test } from 'vitest';
import { openBus } from './bus.ts';
import { ask, startPod } from './http-ends.ts';
import { createPlatformFacts } from './platform-facts.ts';
import { startProcess } from './processes.ts';
import { startQueueProxy } from './queue-proxies.ts';
import { until } from './waiting.ts';

const workload: WorkloadKey = 'default/scraped';

const rowOf = ({ rows }: SamplesReportedData) => {
  const at = rows.workloads.indexOf(workload);
  return at < 0 ? undefined : { milli: rows.concurrencyMilli[at], inFlight: rows.inFlight[at] };
};

test('two pods: covered while idle, their sum while busy, blind when one is dead', async () => {
  await using bus = await openBus();
  const facts = createPlatformFacts(await bus.connectAs('watcher'));
  await using pod = await startPod();
  await using one = await startQueueProxy(pod.port);
  await using two = await startQueueProxy(pod.port);
  await using collector = await startProcess('collector', bus.envOf('collector'));
  await facts.appear(workload);
  for (const [name, proxy] of [
    ['scraped-1', one],
    ['scraped-2', two],
  ] as const) {
    const { metricsPort } = proxy;
    await facts.addPod(workload, name, Number(new URL(proxy.url).port), { metricsPort });
  }
  const batch = (what: string, is: (batch: SamplesReportedData) => boolean) =>
    until(what, () => bus.batchesOf(workload).find(is));

  const idle = await batch('it is covered', ({ covered }) => covered.includes(workload));
  expect(idle).toMatchObject({ partial: false });
  expect(idle.source).toMatch(/^scrape-[01]$/);

  // Two of the three at the second pod were counted by an activator already.
  const proxied = { 'x-flyball-proxied': '1' };
  const asked = [
    ask(one.url, 'pod'),
    ask(one.url, 'pod'),
    ask(two.url, 'pod'),
    ask(two.url, 'pod', proxied),
    ask(two.url, 'pod', proxied),
  ];
  const busy = await batch('the sum of both', (one) => rowOf(one)?.milli === 3_000);
  expect(rowOf(busy)?.inFlight).toBe(3);
  pod.free();
  await Promise.all(asked.map(({ answer }) => answer));

  two.process.child.kill('SIGKILL');
  await two.process.ended();
  const blind = await batch('it is blind', (one) => rowOf(one)?.milli === null);
  expect(blind.covered).not.toContain(workload);
  const { text } = await collector.page('/metrics');
  expect(text).toMatch(/flyball_collector_scrapes_total\{result="silent"\} [1-9]/);

  await facts.removePod(workload, 'scraped-2');
  await batch('it sees again', (one) => {
    return one.covered.includes(workload) && one.secondAtMs > blind.secondAtMs;
  });
  const seconds = bus.batchesOf(workload).map(({ secondAtMs }) => secondAtMs);
  expect(new Set(seconds).size).toBe(seconds.length);

  collector.child.kill('SIGTERM');
  expect(await collector.ended()).toBe(0);
});
