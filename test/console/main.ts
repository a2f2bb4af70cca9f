/** `npm run screenshots -- DIR`: the console's pages over a burst, in light and dark. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sampleWorkload } from '../e2e/harness/sample.ts';
import { type ConsoleScene, startConsoleScene } from './harness/console-scene.ts';
import { findBrowser, noBrowser } from './harness/find-browser.ts';
import { fleetRow, untilLoaded } from './harness/page-reading.ts';
import type { Scheme, Size, WatchedPage } from './harness/watched-page.ts';

const EXIT_USAGE = 64;
const EXIT_MISSING = 69;
/** How long the burst lasts before it is looked at, and how long its end is waited for. */
const burstMs = 8_000;

const usage = `npm run screenshots -- [--quick] DIR
Starts a Flyball, sends it a burst, and writes a picture of each page of the console to DIR.
  --quick  light and large only
`;

const out = (line: string): void => void process.stdout.write(`${line}\n`);

interface Shot {
  readonly name: string;
  readonly take: (watched: WatchedPage) => Promise<void>;
}

const openTrace = async ({ page, open }: WatchedPage): Promise<void> => {
  await open('#/traces?kind=cold+start', 'Traces');
  await page.locator('.traces tbody tr').last().getByRole('link').first().click();
  await page.locator('.waterfall-row').first().waitFor();
};

const workloadHash = `#/workloads/${sampleWorkload}?range=5m`;

/** Chooses the decision that brought the most replicas. */
const chooseBurst = async ({ page, open }: WatchedPage): Promise<void> => {
  await open(workloadHash, sampleWorkload);
  await page.getByRole('listitem').filter({ hasText: '→ 5' }).getByRole('button').last().click();
  await page.getByRole('region', { name: /^Why, at/ }).waitFor();
  await page.evaluate("document.querySelector('main').scrollTo(0, 0)");
};

/** A workload that nobody has asked yet. */
const openResting = ({ open }: WatchedPage): Promise<void> =>
  open('#/workloads/shop/resting-001?range=5m', 'shop/resting-001');

const during: readonly Shot[] = [
  { name: 'fleet', take: ({ open }) => open('#/?sort=load', 'Fleet') },
  { name: 'workload-live', take: ({ open }) => open(workloadHash, sampleWorkload) },
];
const afterwards: readonly Shot[] = [
  { name: 'workload-explained', take: chooseBurst },
  { name: 'workload-without-traffic', take: openResting },
  { name: 'traces', take: ({ open }) => open('#/traces', 'Traces') },
  { name: 'trace', take: openTrace },
];

interface Look {
  readonly scheme: Scheme;
  readonly size: Size;
}

const allLooks: readonly Look[] = (['light', 'dark'] as const).flatMap((scheme) =>
  (['desktop', 'phone'] as const).map((size) => ({ scheme, size })),
);

const settleMs = 1_500;

const takeAll = async (
  scene: ConsoleScene,
  folder: string,
  { looks, shots }: { readonly looks: readonly Look[]; readonly shots: readonly Shot[] },
): Promise<void> => {
  for (const { scheme, size } of looks) {
    const watched = await scene.openPage({ scheme, size });
    for (const { name, take } of shots) {
      await take(watched);
      await untilLoaded(watched.page);
      // Charts are drawn a little after their numbers have come.
      await wait(settleMs);
      const path = join(folder, `${name}-${size}-${scheme}.png`);
      await watched.page.screenshot({ path });
      out(path);
    }
    for (const complaint of watched.complaints) out(`  ! ${complaint}`);
    await watched.page.context().close();
  }
};

const takeScreenshots = async (browserPath: string, folder: string, looks: readonly Look[]) => {
  await mkdir(folder, { recursive: true });
  const scene = await startConsoleScene(browserPath);
  try {
    const { page, open } = await scene.openPage();
    await open('#/', 'Fleet');
    await fleetRow(page, 'autoscale-go').waitFor();
    const load = scene.startLoad();
    await wait(burstMs);
    await takeAll(scene, folder, { looks, shots: during });
    await load.stop();
    await wait(burstMs);
    await takeAll(scene, folder, { looks, shots: afterwards });
  } finally {
    await scene.end();
  }
};

const readArguments = (): { readonly folder: string; readonly isQuick: boolean } | undefined => {
  try {
    const { values, positionals } = parseArgs({
      options: { quick: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [folder, ...rest] = positionals;
    if (folder === undefined || rest.length > 0) return undefined;
    return { folder: resolve(folder), isQuick: values.quick };
  } catch {
    return undefined;
  }
};

const given = readArguments();
const browserPath = findBrowser();
if (given === undefined) {
  const isHelp = process.argv.some((arg) => arg === '--help' || arg === '-h');
  (isHelp ? process.stdout : process.stderr).write(usage);
  process.exitCode = isHelp ? 0 : EXIT_USAGE;
} else if (browserPath === undefined) {
  process.stderr.write(`${noBrowser}\n`);
  process.exitCode = EXIT_MISSING;
} else {
  const looks = given.isQuick ? allLooks.slice(0, 1) : allLooks;
  await takeScreenshots(browserPath, given.folder, looks);
}
