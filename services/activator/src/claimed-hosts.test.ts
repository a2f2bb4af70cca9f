import type { WorkloadKey } from '@flyball/contracts';
import { claimHosts, initialRoutes, noHosts, type Routes } from '@flyball/domain';
import { expect, test } from 'vitest';
import { createClaimedHosts } from './claimed-hosts.ts';

const claim = (routes: Routes, workload: WorkloadKey, ...hosts: readonly string[]) =>
  claimHosts(routes.hosts, workload, noHosts, hosts);

test('a quarrel about a host is told once, and counted for as long as it lasts', () => {
  const told: string[] = [];
  const claimed = createClaimedHosts(({ host, holder, refused }) =>
    told.push(`${host}: ${holder}, not ${refused}`),
  );
  const routes = initialRoutes();
  const first = claim(routes, 'a/one', 'shop.test');
  claim(routes, 'a/two', 'shop.test');
  for (const _ of [1, 2]) claimed.follow(routes);
  expect(told).toEqual(['shop.test: a/one, not a/two']);
  expect(claimed.contestedCount()).toBe(1);
  claimHosts(routes.hosts, 'a/one', first, []);
  claimed.follow(routes);
  expect(claimed.contestedCount()).toBe(0);
});

test('the index is that of the newest routes', () => {
  const claimed = createClaimedHosts(() => undefined);
  const routes = initialRoutes();
  claimed.follow(routes);
  expect(claimed.index()).toBe(routes.hosts);
});
