/** A Flyball with its console, many workloads, and a browser that looks at them. */
import { type Browser, chromium } from 'playwright-core';
import { type Load, startLoad } from '../../e2e/harness/load.ts';
import {
  endMachine,
  type Machine,
  startWithSample,
  withConsole,
} from '../../e2e/harness/machine.ts';
import { shownOf } from '../../e2e/harness/reading.ts';
import { sampleHost, sampleWorkload, writeText } from '../../e2e/harness/sample.ts';
import { until } from '../../e2e/harness/until.ts';
import { openPage, type PageOptions, type WatchedPage } from './watched-page.ts';

const knownLimitMs = 60_000;
/** Enough that most rows of the fleet are out of sight. */
export const restingCount = 150;

/** A workload that rests at zero, named in the order of the names; with annotations besides. */
const restingWorkload = (index: number, annotations: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `resting-${String(index).padStart(3, '0')}`, namespace: 'shop' },
    spec: {
      replicas: 0,
      template: {
        metadata: { annotations: { 'autoscaling.knative.dev/initial-scale': '0', ...annotations } },
        spec: {
          containers: [
            { image: 'example.com/resting:1', command: ['node', 'samples/autoscale/src/main.js'] },
          ],
        },
      },
    },
  });

export interface ConsoleScene {
  readonly machine: Machine;
  readonly consoleUrl: string;
  readonly openPage: (options?: Omit<PageOptions, 'consoleUrl'>) => Promise<WatchedPage>;
  /** Fifty requests at a time to the sample, until it is stopped. */
  readonly startLoad: () => Load;
  readonly end: () => Promise<void>;
}

/** Applies so many of them, from the first one on. */
export const applyResting = async (
  { place }: Machine,
  count = restingCount,
  annotations: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const resting = Array.from({ length: count }, (_, index) => restingWorkload(index, annotations));
  const file = await writeText(place, 'resting.yaml', resting.join('\n---\n'));
  const { code, err } = await place.flyball('apply', '-f', file);
  if (code !== 0) throw new Error(`apply ended with ${code}: ${err}`);
};

const untilAtZero = async ({ place }: Machine): Promise<void> => {
  const seen = () => shownOf(place, sampleWorkload);
  await until('the sample is decided to be at zero', { limitMs: knownLimitMs, seen }, async () => {
    const shown = await seen();
    return shown?.desiredReplicas === 0 && shown.readyReplicas === 0 && shown.lastDecision !== null;
  });
};

const launch = (executablePath: string): Promise<Browser> => chromium.launch({ executablePath });

/** Starts it all, with the sample at zero. */
export const startConsoleScene = async (browserPath: string): Promise<ConsoleScene> => {
  const machine = await startWithSample('up', undefined, withConsole);
  try {
    await applyResting(machine);
    await untilAtZero(machine);
    const { consoleUrl = '' } = await machine.run();
    const browser = await launch(browserPath);
    const { place, gatewayUrl } = machine;
    return {
      machine,
      consoleUrl,
      openPage: (options) => openPage(browser, { consoleUrl, ...options }),
      startLoad: () => startLoad({ place, gatewayUrl, host: sampleHost, connections: 50 }),
      end: async () => {
        await browser.close();
        await endMachine(machine);
      },
    };
  } catch (error) {
    await endMachine(machine);
    throw error;
  }
};
