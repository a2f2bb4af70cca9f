/** Who answers to which host, whatever order it is told in. */
import { hostsMax, type WorkloadKey } from '@flyball/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  claimHosts,
  contestedHosts,
  type HostClaims,
  initialHostIndex,
  leaveHosts,
  noHosts,
  workloadWithHost,
} from './host-index.ts';

const claiming = () => {
  const index = initialHostIndex();
  const claims = new Map<WorkloadKey, HostClaims>();
  return {
    index,
    claims,
    claim: (workload: WorkloadKey, ...hosts: readonly string[]) =>
      claims.set(workload, claimHosts(index, workload, claims.get(workload) ?? noHosts, hosts)),
    leave: (workload: WorkloadKey) => {
      leaveHosts(index, workload, claims.get(workload) ?? noHosts);
      claims.delete(workload);
    },
    who: (host: string) => workloadWithHost(index, host),
  };
};

describe('a host', () => {
  it('leads to whoever claims it, however it is written', () => {
    const { claim, who } = claiming();
    claim('a/one', 'shop.test');
    expect(['shop.test', 'SHOP.test:8080', 'shop.test.'].map(who)).toEqual(Array(3).fill('a/one'));
    expect([who('constructor'), who('other.test')]).toEqual([undefined, undefined]);
  });

  it('stays with the older claim, and goes to the next when that is let go', () => {
    const { claim, who, index } = claiming();
    claim('a/one', 'shop.test');
    claim('a/two', 'shop.test', 'two.test');
    expect(who('shop.test')).toBe('a/one');
    expect(contestedHosts(index)).toEqual([
      { host: 'shop.test', holder: 'a/one', refused: ['a/two'] },
    ]);
    claim('a/one');
    expect([who('shop.test'), contestedHosts(index)]).toEqual(['a/two', []]);
  });

  it('is never nobody’s while it moves, whichever of the two is told first', () => {
    const { claim, who } = claiming();
    claim('a/web-00001', 'shop.test');
    claim('a/web-00001');
    expect(who('shop.test')).toBe('a/web-00001');
    claim('a/web-00002', 'shop.test');
    expect(who('shop.test')).toBe('a/web-00002');
    claim('a/web-00003', 'shop.test');
    claim('a/web-00002');
    expect(who('shop.test')).toBe('a/web-00003');
  });

  it('leads nowhere once its workload is gone', () => {
    const { claim, leave, who, index } = claiming();
    claim('a/one', 'shop.test', 'old.test');
    claim('a/one', 'shop.test');
    leave('a/one');
    expect([who('shop.test'), who('old.test'), index.entries]).toEqual([undefined, undefined, {}]);
  });

  it('is forgotten when its workload let go of too many after it', () => {
    const { claim, claims, who, index } = claiming();
    for (let at = 0; at <= hostsMax + 5; at += 1) claim('a/one', `h${at}.test`);
    expect([who('h0.test'), who(`h${hostsMax}.test`)]).toEqual([undefined, 'a/one']);
    expect(claims.get('a/one')?.leftHosts.length).toBe(hostsMax);
    expect(Object.keys(index.entries).length).toBe(hostsMax + 1);
  });
});

it('always leads to the oldest living claim, and holds nothing of those that are gone', () => {
  const workload = fc.constantFrom<WorkloadKey>('a/one', 'a/two', 'b/three');
  const hosts = fc.uniqueArray(fc.constantFrom<string>('x.test', 'y.test', 'z.test'));
  const act = fc.oneof(
    fc.record({ workload, hosts }),
    fc.record({ workload, hosts: fc.constant(null) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const { claim, leave, who, index, claims } = claiming();
      const queues = new Map<string, WorkloadKey[]>();
      for (const { workload: key, hosts: wanted } of acts) {
        if (wanted === null) leave(key);
        else claim(key, ...wanted);
        for (const host of ['x.test', 'y.test', 'z.test']) {
          const others = (queues.get(host) ?? []).filter((one) => one !== key);
          const stays = queues.get(host)?.includes(key) === true && wanted?.includes(host);
          if (stays === true) continue;
          queues.set(host, wanted?.includes(host) === true ? [...others, key] : others);
        }
      }
      for (const [host, queue] of queues)
        if (queue[0] !== undefined) expect(who(host)).toBe(queue[0]);
      for (const key of claims.keys()) leave(key);
      expect(index.entries).toEqual({});
    }),
    { seed: 7 },
  );
});
