/** The articles' scene: 50 concurrent requests of the sample service, from zero. */
import {
  concurrentRequests,
  realPace,
  runLoad,
  samplePath,
  sampleWorkload,
  sceneManifests,
  scenes,
} from '@flyball/cli';
import { evolveRoutes, hostOfWorkload, initialRoutes } from '@flyball/domain';
import type { BenchContext } from '../bench-context.ts';
import type { Bed } from './bed.ts';
import { figures } from './figures.ts';
import type { Ledger, Phase } from './phase.ts';
import { processorLine, processorSeconds, usedBetween } from './processor-time.ts';

const realSeconds = 30;
const fastSeconds = 10;
const policyLimitMs = 20_000;

const applyScene = async ({ platform, watch }: Bed): Promise<void> => {
  const [scene] = scenes;
  if (scene === undefined) throw new Error('there is no scene');
  const { objects } = await sceneManifests(scene, realPace, undefined);
  const decided = watch.next({ type: 'Decided', workload: sampleWorkload, limitMs: policyLimitMs });
  for (const manifest of objects) {
    if (manifest.kind === 'ConfigMap') await platform.configure(manifest.data);
  }
  for (const manifest of objects) {
    if (manifest.kind !== 'ConfigMap') await platform.apply(manifest);
  }
  await decided;
};

/** Counts the pods that are ready at the same time. */
const followPods = ({ watch }: Bed): { highest: () => number; stop: () => void } => {
  const routes = initialRoutes();
  let highest = 0;
  const stop = watch.follow(({ event }) => {
    if (event.workload !== sampleWorkload) return;
    evolveRoutes(routes, event);
    const pods = Object.values(routes.workloads[sampleWorkload]?.pods ?? {});
    highest = Math.max(highest, pods.filter(({ ready }) => ready).length);
  });
  return { highest: () => highest, stop };
};

interface SceneOptions {
  readonly onUsed: (title: string, seconds: Readonly<Record<string, number>>) => void;
}

const run = async (
  bed: Bed,
  ledger: Ledger,
  { signal, fast }: BenchContext,
  { onUsed }: SceneOptions,
): Promise<void> => {
  const pods = followPods(bed);
  await applyScene(bed);
  const { gatewayUrl, domain, processes } = bed.machine.run;
  const seconds = fast ? fastSeconds : realSeconds;
  const before = await processorSeconds(processes);
  const load = await runLoad({
    url: `${gatewayUrl}${samplePath}`,
    host: hostOfWorkload(sampleWorkload, domain),
    connections: concurrentRequests,
    seconds,
    signal,
  });
  const used = usedBetween(before, await processorSeconds(processes));
  pods.stop();
  const { latencyMs, responses, statuses, failures } = load;
  if (responses === 0) throw new Error(`nobody was answered in ${seconds} s`);
  ledger.add(figures.sceneRate, load.requestsPerSecond);
  ledger.add(figures.sceneMedian, latencyMs.p50);
  ledger.add(figures.sceneP99, latencyMs.p99);
  ledger.add(figures.sceneSlowest, latencyMs.slowest);
  ledger.add(figures.sceneRefused, responses - (statuses['200'] ?? 0) + failures);
  ledger.add(figures.scenePods, pods.highest());
  ledger.note(figures.sceneRate, `${seconds} s; CPU s: ${processorLine(used)}`);
  if (used.activator !== undefined) {
    ledger.add(figures.sceneActivator, (used.activator / responses) * 1_000);
  }
  onUsed(`scene, ${seconds} s`, used);
};

export const scene = (bed: Bed, context: BenchContext, options: SceneOptions): Phase => ({
  title: 'The scene',
  figures: [
    figures.sceneRate,
    figures.sceneMedian,
    figures.sceneP99,
    figures.sceneSlowest,
    figures.sceneRefused,
    figures.scenePods,
    figures.sceneActivator,
  ],
  run: (ledger) => run(bed, ledger, context, options),
});
