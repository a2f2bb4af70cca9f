/** Pages that did not hear of the console for a while: what they say, and how they go on. */
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { historyOf, isOf } from '../e2e/harness/reading.ts';
import { applyResting, type ConsoleScene, startConsoleScene } from './harness/console-scene.ts';
import { findBrowser, noBrowser } from './harness/find-browser.ts';
import { setSeen, textOf } from './harness/page-reading.ts';

const browserPath = findBrowser();
const resting = 'shop/resting-000';
/** The page waits for an answer for 30 s. */
const limitMs = 60_000;

let scene: ConsoleScene;

beforeAll(async () => {
  if (browserPath === undefined) return;
  scene = await startConsoleScene(browserPath);
});

afterAll(async () => {
  if (browserPath !== undefined) await scene?.end();
});

beforeEach(({ skip }) => skip(browserPath === undefined, noBrowser));

const showsText = (place: Locator, expected: string | RegExp) =>
  expect.poll(() => textOf(place), { timeout: limitMs }).toMatch(expected);

test('a page that was put away shows what came meanwhile, though nothing moves now', async () => {
  const { page, open } = await scene.openPage();
  await open(`#/workloads/${resting}?range=5m`, resting);
  const title = page.locator('.legend h2').first();
  await showsText(title, 'Concurrency');
  await setSeen(page, false);
  await applyResting(scene.machine, 1, { 'autoscaling.knative.dev/metric': 'rps' });
  const changes = async () =>
    (await historyOf(scene.machine.place, resting)).filter(({ type }) => isOf('policy-set', type))
      .length;
  await expect.poll(changes, { timeout: limitMs }).toBe(2);
  expect(await textOf(title)).toBe('Concurrency');
  await setSeen(page, true);
  await showsText(title, 'Requests a second');
});

test('a workload at rest is looked at again, and its time goes on', async () => {
  const { page, open } = await scene.openPage();
  const name = 'shop/resting-001';
  await open(`#/workloads/${name}?range=5m`, name);
  const looked = page.getByRole('region', { name: 'Why, now' }).locator('.since > .soft');
  await showsText(looked, /^Last looked/);
  const seen = new Set<string>();
  const looks = async () => seen.add(await textOf(looked)).size;
  await expect.poll(looks, { timeout: limitMs }).toBeGreaterThan(2);
});

test('a moment that is not read yet is not said to be explained', async () => {
  const { page, open } = await scene.openPage();
  const name = 'shop/resting-002';
  const hash = `#/workloads/${name}?range=5m`;
  await open(hash, name);
  const why = page.getByRole('region', { name: /^Why/ });
  const isBusy = () => why.getAttribute('aria-busy');
  await why.locator('.sentence').waitFor();
  expect(await isBusy()).toBe('false');
  const pid = await scene.machine.pidOf('console');
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  await page.evaluate(`location.hash = ${JSON.stringify(`${hash}&at=${Date.now()}`)}`);
  await page.getByRole('region', { name: /^Why, at/ }).waitFor();
  expect(await isBusy()).toBe('true');
  await showsText(why, /Loading the explanation/);
  process.kill(pid, 'SIGCONT');
  await expect.poll(isBusy, { timeout: limitMs }).toBe('false');
});

test('on a phone the head is whole while the console is out of reach', async () => {
  const { page, open } = await scene.openPage({ size: 'phone' });
  await page.route('**/api/fleet', (route) => route.abort());
  await open('#/', 'Fleet');
  const head = page.locator('.head');
  const beyond = () => head.evaluate((drawn) => drawn.scrollWidth - drawn.clientWidth);
  for (const word of ['reconnecting', 'console gone']) {
    await showsText(head.locator('.connection'), word);
    expect(await beyond()).toBe(0);
  }
});

test('a console that hangs is told, and what could not be asked is asked again', async () => {
  const traces = await scene.openPage();
  await traces.open('#/traces', 'Traces');
  const sign = traces.page.locator('.connection');
  await showsText(sign, 'live');
  const { page, open } = await scene.openPage();
  await open('#/', 'Fleet');
  const pid = await scene.machine.pidOf('console');
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  const nowMs = Date.now();
  const hash = `#/workloads/${resting}?from=${nowMs - 300_000}&to=${nowMs}`;
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await showsText(page.locator('.notice'), 'This page goes on trying.');
  await showsText(sign, 'console gone');
  process.kill(pid, 'SIGCONT');
  await page.locator('.legend h2').first().waitFor();
  await page.getByRole('region', { name: /^Why/ }).locator('.sentence').waitFor();
  await showsText(sign, 'live');
});
