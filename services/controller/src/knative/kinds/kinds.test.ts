/** The files of our kinds say what the code says now. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kindsDocuments } from './kinds-document.ts';

const root = new URL('../../../../../', import.meta.url);

test.each(Object.entries(kindsDocuments()))(
  '%s is current (else: npm run generate)',
  (path, text) => {
    expect(readFileSync(new URL(path, root), 'utf8')).toBe(text);
  },
);
