/** Writes the documents that are made from the contracts into the repository. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generateDocuments } from '../src/documents/index.ts';

const root = join(import.meta.dirname, '../../..');
for (const [path, text] of Object.entries(generateDocuments())) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  process.stdout.write(`wrote ${path}\n`);
}
