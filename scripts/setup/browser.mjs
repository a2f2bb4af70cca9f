/** Finds or installs Chromium, in which the console's page is tested, and records where it is. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { canUseApt, installWithApt } from './apt.mjs';
import { ask } from './command.mjs';
import { browserFile, findProgram, tools } from './places.mjs';
import { warn } from './progress.mjs';

const RETRY_AFTER_MS = 3_600_000;

/** Any of these will do: the tests speak its DevTools protocol, and bring no browser. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macPrograms = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** @typedef {{ path: string | null, triedAtMs: number }} BrowserRecord */

/** A program that runs: Ubuntu's package is a stub that asks for snap, and says no version. */
const findBrowser = () =>
  [...names.map(findProgram), ...macPrograms].find(
    (path) =>
      path !== undefined &&
      existsSync(path) &&
      /\d+\.\d+\.\d+/.test(ask(path, ['--version']) ?? ''),
  );

/** True when it is recorded and still there, or could not be had a short while ago. */
export function browserReady() {
  if (!existsSync(browserFile)) return false;
  /** @type {BrowserRecord} */
  const { path, triedAtMs } = JSON.parse(readFileSync(browserFile, 'utf8'));
  return path === null ? Date.now() - triedAtMs < RETRY_AFTER_MS : existsSync(path);
}

/** DejaVu has the letters, arrows and signs that the page writes. */
const packages = ['chromium', 'fonts-dejavu-core'];

/** Records a browser; where there is none one line says so, and its tests are skipped. */
export async function installBrowser() {
  if (findBrowser() === undefined && canUseApt()) await installWithApt(packages);
  const path = findBrowser() ?? null;
  if (path === null) warn('Chromium: not available, the tests of the console’s page are skipped');
  mkdirSync(tools, { recursive: true });
  /** @type {BrowserRecord} */
  const record = { path, triedAtMs: Date.now() };
  writeFileSync(browserFile, `${JSON.stringify(record, null, 2)}\n`);
}
