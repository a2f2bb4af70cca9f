/** The page as browsers get it: whole, small, and from nowhere else. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildPage } from './build-page.ts';

/** What the script and the style sheet may weigh, compressed; a larger page should be meant. */
const compressedBytesMax = 64_000;

test('it names its own files only, and brings nothing inline', async () => {
  const files = await buildPage();
  const document = files['index.html'];
  const named = [...document.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  expect(named.toSorted()).toEqual(['/icon.svg', '/page.css', '/page.js']);
  expect(document).not.toMatch(/<style|style="|<script(?![^>]*src=)/);
  expect(files['page.css']).not.toMatch(/url\(|@import/);
  expect(files['page.js']).not.toMatch(/\beval\(|new Function\(/);
});

test('it is small', async () => {
  const files = await buildPage();
  const weight = gzipSync(files['page.js']).length + gzipSync(files['page.css']).length;
  expect(weight).toBeLessThan(compressedBytesMax);
  expect(files['page.js']).toContain('/api/fleet');
});
