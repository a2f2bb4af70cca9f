/** Documents made from the contracts say what the contracts say now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateDocuments } from '@flyball/contracts/documents';
import { expect, test } from 'vitest';
import { root } from './source-files.ts';

const documents = Object.entries(generateDocuments());

test('there are documents to look at', () => {
  expect(documents.map(([path]) => path)).toEqual(
    expect.arrayContaining(['docs/events.md', 'docs/subjects.md', 'docs/errors.md']),
  );
});

test.each(documents)('%s is current (else: npm run generate)', (path, text) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(text);
});
