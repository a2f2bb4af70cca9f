/** What people learn of a cluster that is not seen. */
import type { CacheChange } from '@flyball/platform/kubernetes';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { watchSight } from './watch-sight.ts';

const createKind = () => {
  let tell: (change: CacheChange<unknown>) => void = () => undefined;
  let synced = false;
  return {
    isSynced: () => synced,
    onChange: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
    see: () => {
      synced = true;
      tell({ kind: 'synced' });
    },
    lose: (reason: string) => {
      synced = false;
      tell({ kind: 'unseen', reason });
    },
  };
};

it('is ready while every kind is seen, and says which one is not', () => {
  const [pods, services] = [createKind(), createKind()];
  const said: string[] = [];
  const states: string[] = [];
  const stream = { write: (line: string) => void said.push(JSON.parse(line).kind) };
  watchSight({ pods, services }, pino({}, stream), {
    set: (ok, reason) => void states.push(`${ok} ${reason}`),
  });
  pods.see();
  expect(states).toEqual([]);
  services.lose('403');
  services.lose('403 again');
  services.see();
  expect(states.at(-1)).toBe('true the cluster is seen');
  expect(states).toContain('false services: 403 again');
  expect(said).toEqual(['services', 'services']);
  pods.lose('away');
  services.lose('away');
  pods.see();
  expect(states.at(-1)).toBe('false services: away');
});
