/** Writes the definitions of our kinds into infra/kubernetes/crds. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { kindsDocuments } from '../src/knative/kinds/kinds-document.ts';

const root = join(import.meta.dirname, '../../..');
for (const [path, text] of Object.entries(kindsDocuments())) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  process.stdout.write(`wrote ${path}\n`);
}
