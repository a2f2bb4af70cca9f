/** The console's page in a real browser, over a Flyball under load. */
import { phases } from '@flyball/telemetry/waterfall';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { dataOf, type HistoryEvent, historyOf, isOf } from '../e2e/harness/reading.ts';
import { sampleWorkload } from '../e2e/harness/sample.ts';
import { axeViolations } from './harness/axe-violations.ts';
import { type ConsoleScene, restingCount, startConsoleScene } from './harness/console-scene.ts';
import { findBrowser, noBrowser } from './harness/find-browser.ts';
import {
  attributes,
  chartHasColour,
  chartSentence,
  clickMoment,
  fleetRow,
  layoutShift,
  momentSlider,
  shownMoment,
  textOf,
  untilLoaded,
} from './harness/page-reading.ts';
import type { WatchedPage } from './harness/watched-page.ts';

const browserPath = findBrowser();
const limitMs = 60_000;
/** What is called good of a page; 1 is everything, by the whole height of the window. */
const shiftMax = 0.1;
const name = 'autoscale-go';
const workloadHash = `#/workloads/${sampleWorkload}?range=5m`;

let scene: ConsoleScene;
/** Looked at from the first request on. */
let fleet: WatchedPage;
let workload: WatchedPage;
/** As it was recorded once the burst was over. */
let history: readonly HistoryEvent[];

beforeAll(async () => {
  if (browserPath === undefined) return;
  scene = await startConsoleScene(browserPath);
  fleet = await scene.openPage();
  workload = await scene.openPage({ scheme: 'dark' });
});

afterAll(async () => {
  if (browserPath !== undefined) await scene?.end();
});

beforeEach(({ skip }) => skip(browserPath === undefined, noBrowser));

const shows = (what: () => Promise<string>, expected: string | RegExp) =>
  expect.poll(what, { timeout: limitMs }).toMatch(expected);
const showsText = (place: Locator, expected: string | RegExp) =>
  shows(() => textOf(place), expected);

const decidedData = z.object({ from: z.int().nullable(), to: z.int() });

/** The decision that brought it to five, as it is recorded. */
const decisionToFive = (): HistoryEvent => {
  const found = history.find(
    ({ type, data }) => isOf('decided', type) && decidedData.parse(data).to === 5,
  );
  if (found === undefined) throw new Error('Five replicas were never decided.');
  return found;
};

test('before any request the fleet shows the workload at zero', async () => {
  await fleet.open('#/', 'Fleet');
  await showsText(fleetRow(fleet.page, name), /default\/autoscale-go stable.*0\/0/);
  await workload.open(workloadHash, sampleWorkload);
  await showsText(workload.page.locator('.notice'), /No traffic in this time.*curl -H/);
});

test('under fifty requests at a time both pages show the burst and five replicas', async () => {
  const load = scene.startLoad();
  onTestFinished(() => void load.stop());
  await showsText(fleetRow(fleet.page, name), /▲ panic/);
  await showsText(fleetRow(fleet.page, name), /5\/5/);
  await shows(
    () => momentSlider(workload.page).getAttribute('aria-valuetext').then(String),
    /5 of 5 replicas ready/,
  );
  await shows(() => chartSentence(workload.page), /load up to [45]\d(\.\d)? in flight/);
  await shows(() => chartSentence(workload.page), /0 to 5 replicas ready.*1 panic/);
  await expect.poll(() => chartHasColour(workload.page, 0, 'c-panic')).toBe(true);
  await expect.poll(() => chartHasColour(workload.page, 1, 'c-ready')).toBe(true);
  const { failures } = await load.stop();
  expect(failures).toBe(0);
  await showsText(fleetRow(fleet.page, name), /0\/0/);
  await shows(() => chartSentence(workload.page), /at the end 0 of 0/);
  history = await historyOf(scene.machine.place, sampleWorkload);
});

test('a click on the chart explains the moment as the command line does', async () => {
  const { page, open } = workload;
  const decided = decisionToFive();
  const atMs = Date.parse(decided.time);
  await open(
    `#/workloads/${sampleWorkload}?from=${atMs - 4_000}&to=${atMs + 4_000}`,
    sampleWorkload,
  );
  const panel = page.getByRole('region', { name: /^Why/ });
  await clickMoment(page, atMs + 40);
  await showsText(panel.locator('.headline'), /→ 5 ▲ panic through the activator/);
  const shownAt = new Date(await shownMoment(page)).toISOString();
  const { out } = await scene.machine.place.flyball(
    ...['explain', sampleWorkload, '--at', shownAt, '-o', 'json'],
  );
  const told = z
    .object({
      decision: z.object({
        id: z.string(),
        rules: z.array(z.object({ rule: z.string(), why: z.string() })),
      }),
    })
    .parse(JSON.parse(out));
  expect(await panel.locator('[data-decision]').getAttribute('data-decision')).toBe(
    told.decision.id,
  );
  const rules = await panel.locator('.rules').first().locator('tbody tr').all();
  const texts = await Promise.all(rules.map(textOf));
  expect(texts).toHaveLength(told.decision.rules.length);
  told.decision.rules.forEach(({ rule, why }, index) => {
    expect(texts[index]).toContain(rule);
    expect(texts[index]).toContain(why);
  });
});

test('arrow keys go from moment to moment, and Escape back to now', async () => {
  const { page } = workload;
  const before = await shownMoment(page);
  await momentSlider(page).focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => shownMoment(page)).toBeGreaterThan(before);
  const after = await shownMoment(page);
  expect(page.url()).toContain(`at=${after}`);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => shownMoment(page)).toBeLessThan(after);
  await page.keyboard.press('Escape');
  await page.getByRole('region', { name: 'Why, now' }).waitFor();
});

const coldStart = z.object({
  receivedAtMs: z.int(),
  lastByteAtMs: z.int(),
  podReadyAtMs: z.int().nullable(),
});

test('the first request’s trace has its phases in order, and their sum is its time', async () => {
  const { page, open } = fleet;
  await open('#/traces?kind=cold+start&sort=slowest', 'Traces');
  await page.locator('.traces tbody tr').last().getByRole('link').first().click();
  await page.getByRole('heading', { level: 1, name: /cold start/ }).waitFor();
  const [first] = dataOf(history, 'cold-start-completed').map((data) => coldStart.parse(data));
  if (first === undefined) throw new Error('No cold start is recorded.');
  const expected = phases.filter((phase) => phase !== 'pod ready' || first.podReadyAtMs !== null);
  const rows = page.locator('.waterfall-row');
  // Spans come in batches of each service; a pod may be ready long after it has answered.
  const missing = async () => {
    const told = await attributes(rows, 'data-phase');
    return expected.filter((phase) => !told.includes(phase));
  };
  await expect.poll(missing, { timeout: limitMs }).toEqual([]);
  const parts = page.locator('[data-part]');
  const names = await attributes(parts, 'data-part');
  expect(names).toEqual(phases.filter((phase) => names.includes(phase)));
  const lengths = (await attributes(parts, 'data-ms')).map(Number);
  const sumMs = lengths.reduce((sum, ms) => sum + ms, 0);
  expect(sumMs).toBeCloseTo(first.lastByteAtMs - first.receivedAtMs, 5);
  const events = page.getByRole('region', { name: /^Events/ });
  for (const type of ['Decided', 'ScaleApplied', 'ColdStartCompleted']) {
    await showsText(events, new RegExp(type));
  }
});

test('a span tells what it is, and the trace leads to its workload at that moment', async () => {
  const { page } = fleet;
  await page.locator('.waterfall-row[data-phase="decide"]').first().click();
  const details = page.getByRole('region', { name: 'The chosen span' });
  await showsText(details, /flyball\.replicas\.to ?\d/);
  await page.keyboard.press('ArrowDown');
  await showsText(details, /flyball\.phase ?apply/);
  await page.getByRole('link', { name: /at that moment$/ }).click();
  await page.getByRole('region', { name: /^Why, at/ }).waitFor();
  await showsText(page.locator('.headline'), /→|stays|\d/);
});

test('of many workloads only those in sight are drawn, and keys reach all of them', async () => {
  const { page, open } = fleet;
  await open('#/', 'Fleet');
  const grid = page.getByRole('grid', { name: 'Workloads' });
  await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(restingCount + 2));
  expect(await page.locator('.fleet-rows [role=row]').count()).toBeLessThan(60);
  await fleetRow(page, name).getByRole('link').focus();
  await page.keyboard.press('End');
  await showsText(page.locator('[data-row]:focus'), `shop/resting-${restingCount - 1}`);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: `shop/resting-${restingCount - 1}` }).waitFor();
  await open('#/?text=resting-07', 'Fleet');
  await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('11');
});

test('the theme that is chosen is kept', async () => {
  const { page, open } = fleet;
  await page.getByLabel('Colours').selectOption('dark');
  await open('#/traces', 'Traces');
  await page.reload();
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark');
  await page.getByLabel('Colours').selectOption('system');
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('light');
});

/** Dark on a phone has nothing that the others have not: neither colours nor places. */
const looks = [
  { scheme: 'light', size: 'desktop' },
  { scheme: 'light', size: 'phone' },
  { scheme: 'dark', size: 'desktop' },
] as const;

test('axe finds nothing serious on any page, light or dark, large or small', async () => {
  const decidedMs = Date.parse(decisionToFive().time);
  const pages = [
    ['#/', 'Fleet'],
    [`${workloadHash}&at=${decidedMs + 1}`, sampleWorkload],
    ['#/traces', 'Traces'],
  ] as const;
  const found: string[] = [];
  for (const { scheme, size } of looks) {
    const { page, open, complaints } = await scene.openPage({ scheme, size });
    const look = async (where: string) => {
      const violations = await axeViolations(page);
      found.push(...violations.map((line) => `${where}, ${scheme}, ${size}: ${line}`));
    };
    for (const [hash, title] of pages) {
      await open(hash, title);
      await untilLoaded(page);
      await look(hash);
    }
    await page.locator('.traces tbody tr').first().getByRole('link').first().click();
    await page.locator('.waterfall-row').first().waitFor();
    await look('a trace');
    expect(complaints).toEqual([]);
    await page.context().close();
  }
  expect(found).toEqual([]);
});

test.each([
  ['the fleet', '#/', 'Fleet'],
  ['a workload', workloadHash, sampleWorkload],
  ['traces', '#/traces', 'Traces'],
] as const)('nothing jumps while %s is loaded', async (_page, hash, title) => {
  const { page, open } = await scene.openPage();
  await open(hash, title);
  await untilLoaded(page);
  expect(await layoutShift(page)).toBeLessThan(shiftMax);
  await page.context().close();
});

test('nothing went wrong in the pages, and nothing was asked elsewhere', () => {
  expect(fleet.complaints).toEqual([]);
  expect(workload.complaints).toEqual([]);
});

test('a console that ends is told, and the page goes on when it is back', async () => {
  const { page, open } = await scene.openPage();
  await open('#/', 'Fleet');
  const sign = page.locator('.connection');
  await showsText(sign, 'live');
  process.kill(await scene.machine.pidOf('console'), 'SIGKILL');
  await showsText(sign, /reconnecting|gone/);
  await showsText(sign, 'live');
  await showsText(fleetRow(page, name), /0\/0/);
});

test('what does not exist is told, with what comes near', async () => {
  const { page, open } = await scene.openPage();
  await open('#/workloads/default/autoscale-gone', 'default/autoscale-gone');
  await showsText(page.locator('.notice'), /Did you mean default\/autoscale-go/);
  await page.goto(`${scene.consoleUrl}/#/nowhere`);
  await showsText(page.locator('.notice'), /nowhere names none/);
});
