/** A row of the fleet for tests. */
import type { FleetRow } from '../../../src/wire.ts';

export const fleetRow = (name: string, more: Partial<FleetRow> = {}): FleetRow => ({
  namespace: 'default',
  name,
  partition: 0,
  desired: 1,
  ready: 1,
  mode: 'stable',
  routing: 'pods',
  stable: 4,
  panic: 4,
  target: 10,
  targetUse: 0.4,
  seen: 'measured',
  inFlight: null,
  waiting: 0,
  dataAtMs: 1_000,
  decidedAtMs: 1_000,
  problem: null,
  spark: [1, 2, 4],
  ...more,
});
