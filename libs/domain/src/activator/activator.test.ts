/** The activator's knowledge: routes from the log, hosts, urgency, and a ledger that balances. */
import type { AnyEvent, EventName, FlyballEvent, WorkloadKey } from '@flyball/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostOfWorkload, workloadOfHost } from './host.ts';
import { workloadWithHost } from './host-index.ts';
import { balanceOf, countedSince, emptyLedger, ledgerImbalance } from './ledger.ts';
import { evolveRoutes, initialRoutes, type Routes } from './routes.ts';

const workload: WorkloadKey = 'default/web';
let told = 0;

const event = <Name extends EventName>(type: Name, data: FlyballEvent<Name>['data']): AnyEvent => {
  told += 1;
  const base = { id: `t:${told}`, pen: 'platform', partition: 0, source: '/test', atMs: told };
  return { ...base, type, workload, data } as unknown as AnyEvent;
};

const appeared = event('WorkloadAppeared', {
  uid: 'u',
  replicas: 0,
  createdAtMs: 1,
  adopted: false,
  resourceVersion: '1',
});
const pod = (address: string | null) =>
  event('PodAppeared', { pod: 'web-1', address, metricsAddress: null, createdAtMs: 5 });

const routesAfter = (...events: AnyEvent[]): Routes => {
  const routes = initialRoutes();
  for (const one of events) evolveRoutes(routes, one);
  return routes;
};

describe('routes', () => {
  it('know a pod by address before it is ready, so that first contact can start', () => {
    const routes = routesAfter(appeared, pod(null), pod('127.0.0.2:8080'));
    expect(routes.workloads[workload]?.pods['web-1']).toMatchObject({
      address: '127.0.0.2:8080',
      ready: false,
      closed: false,
    });
  });

  it('know how a pod is spoken to, as it was said last', () => {
    const place = { address: 'a:1', metricsAddress: null, createdAtMs: 5 };
    const modern = event('PodAppeared', { pod: 'web-1', ...place, protocol: 'h2c' });
    const protocolAfter = (...events: Parameters<typeof routesAfter>) =>
      routesAfter(...events).workloads[workload]?.pods['web-1']?.protocol;
    expect(protocolAfter(appeared, modern)).toBe('h2c');
    expect(protocolAfter(appeared, modern, pod('a:1'))).toBeNull();
  });

  it('give nothing more to a pod that drains', () => {
    const draining = event('PodUnready', { pod: 'web-1', reason: 'draining', message: '' });
    const ready = event('PodReady', { pod: 'web-1' });
    const routes = routesAfter(appeared, pod('a:1'), ready, draining);
    expect(routes.workloads[workload]?.pods['web-1']).toMatchObject({ ready: false, closed: true });
  });

  it('keep trying a pod that crashed: it comes back where it was', () => {
    const crashed = event('PodUnready', { pod: 'web-1', reason: 'crashed', message: '' });
    const routes = routesAfter(appeared, pod('a:1'), crashed);
    expect(routes.workloads[workload]?.pods['web-1']?.closed).toBe(false);
  });

  it('keep trying a pod that takes long to listen, not one that has stopped to', () => {
    const silent = event('PodUnready', { pod: 'web-1', reason: 'probe-failed', message: '' });
    const ready = event('PodReady', { pod: 'web-1' });
    const closed = (...events: Parameters<typeof routesAfter>) =>
      routesAfter(...events).workloads[workload]?.pods['web-1']?.closed;
    expect(closed(appeared, pod('a:1'), silent)).toBe(false);
    expect(closed(appeared, pod('a:1'), ready, silent)).toBe(true);
  });

  it('remember why a pod is not ready, until it is', () => {
    const message = 'exit code 3: boom';
    const crashed = event('PodUnready', { pod: 'web-1', reason: 'crashed', message });
    const troubled = routesAfter(appeared, pod('a:1'), crashed);
    const ready = routesAfter(appeared, pod('a:1'), crashed, event('PodReady', { pod: 'web-1' }));
    expect(troubled.workloads[workload]?.pods['web-1']?.trouble).toBe(`crashed (${message})`);
    expect(ready.workloads[workload]?.pods['web-1']?.trouble).toBeNull();
  });

  it('know the hosts that a route brings, until it ends', () => {
    const reachable = event('WorkloadReachable', { hosts: ['shop.test'] });
    const routes = routesAfter(appeared, reachable);
    expect(workloadWithHost(routes.hosts, 'shop.test:80')).toBe(workload);
    const moved = event('WorkloadReachable', { hosts: ['new.test'] });
    expect(routesAfter(appeared, reachable, moved).workloads[workload]?.claims).toEqual({
      hosts: ['new.test'],
      leftHosts: ['shop.test'],
    });
    const gone = event('WorkloadGone', { uid: 'u', reason: 'deleted' });
    expect(routesAfter(appeared, reachable, moved, gone).hosts.entries).toEqual({});
  });

  it('know the last scale applied, and the trace that it belongs to', () => {
    const scaled = { from: 0, to: 1, decisionId: 'd', appliedAtMs: 9, attempt: 1 };
    const applied = event('ScaleApplied', { ...scaled, resourceVersion: '2', because: 'decided' });
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const appliedAfter = (...events: AnyEvent[]) =>
      routesAfter(...events).workloads[workload]?.applied;
    expect(appliedAfter(appeared)).toBeNull();
    expect(appliedAfter(appeared, applied)).toEqual({ id: applied.id, traceparent: null });
    const { id } = applied;
    expect(appliedAfter(appeared, { ...applied, traceparent })).toEqual({ id, traceparent });
  });

  it('forget a workload that is gone, and do not bring it back by a late pod event', () => {
    const gone = event('WorkloadGone', { uid: 'u', reason: 'deleted' });
    expect(routesAfter(appeared, gone, pod('a:1')).workloads).toEqual({});
  });
});

describe('hosts', () => {
  it.each([
    ['web.default.example.com', 'default/web'],
    ['WEB.Default.Example.com:8080', 'default/web'],
    ['web.default.example.com.', 'default/web'],
    ['web.api.default.example.com', 'default/web.api'],
  ])('%s is %s', (host, key) => {
    expect(workloadOfHost(host, 'example.com')).toBe(key);
  });

  it.each(['', 'example.com', 'default.example.com', 'web.default.example.org', '-.x.example.com'])(
    '%s is nobody',
    (host) => {
      expect(workloadOfHost(host, 'example.com')).toBeUndefined();
    },
  );

  it('of a workload lead back to it', () => {
    expect(workloadOfHost(hostOfWorkload('team-a/web', 'x.test'), 'x.test')).toBe('team-a/web');
  });
});

describe('the ledger', () => {
  it('says nothing when nothing was held or ended', () => {
    expect(countedSince(emptyLedger, emptyLedger, 0)).toBeUndefined();
  });

  it('balances over any history of counts, an activator lost in the middle included', () => {
    const end = fc.constantFrom('released', 'timedOut', 'shed', 'abandoned');
    const moves = fc.array(fc.oneof(fc.constant('held'), end, fc.constant('count')));
    fc.assert(
      fc.property(moves, fc.boolean(), (steps, dies) => {
        const totals = { ...emptyLedger };
        let counted = { ...emptyLedger };
        const counts: Parameters<typeof balanceOf>[0][number][] = [];
        const count = () => {
          const data = countedSince(counted, totals, 1);
          if (data !== undefined) counts.push({ id: `${counts.length}`, instance: 'gw0', data });
          counted = { ...totals };
        };
        for (const step of steps) {
          if (step === 'count') count();
          else if (step === 'held') {
            totals.held += 1;
            totals.waiting += 1;
          } else if (totals.waiting > 0) {
            totals[step as 'released'] += 1;
            totals.waiting -= 1;
          }
        }
        expect(ledgerImbalance(totals)).toBe(0);
        count();
        const lost = counts.at(-1)?.data.waiting ?? 0;
        const lastCountId = `${counts.length - 1}`;
        const losses = dies ? [{ instance: 'gw0', lost, lastCountId }] : [];
        const balance = balanceOf(counts, losses);
        expect(balance.imbalance).toBe(0);
        expect(balance.waiting).toBe(dies ? 0 : lost);
      }),
      { seed: 7 },
    );
  });
});
