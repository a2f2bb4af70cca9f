/** The bench in a network in which pods have addresses: `node inside.ts RESULTS [--fast]`. */
import { writeFile } from 'node:fs/promises';
import { out } from '../../command/run-command.ts';
import type { BenchContext } from '../bench-context.ts';
import { openLedger, type Phase, runPhase } from '../pipeline/phase.ts';
import { idle, manyDeployments } from './at-rest.ts';
import { type ClusterBed, withCluster } from './bed.ts';
import { figures } from './figures.ts';
import { firstRequests, herd } from './first-requests.ts';
import { takeover } from './takeover.ts';
import { burst, scene } from './under-load.ts';

const [results = '', mode] = process.argv.slice(2);
const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => ending.abort());

const context: BenchContext = {
  env: process.env,
  tell: out,
  signal: ending.signal,
  fast: mode === '--fast',
  profileFolder: undefined,
  logsFolder: undefined,
};

const phasesOf = (bed: ClusterBed): readonly Phase[] => [
  ...[firstRequests(bed, context), herd(bed), burst(bed), scene(bed, context)],
  ...[takeover(bed, context), idle(bed, context), manyDeployments(bed, context)],
];

const ledger = openLedger(Object.values(figures));
await withCluster(out, async (bed) => {
  for (const phase of phasesOf(bed)) await runPhase(phase, ledger, context);
});
const measured = ledger
  .measured()
  .map(({ figure: { id }, values, note }) => ({ id, values, note }));
await writeFile(results, JSON.stringify(measured));
