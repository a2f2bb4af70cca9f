/** Writes docs/metrics.md into the repository. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { metricsDocument, metricsDocumentPath } from './metrics-document.ts';

const root = join(import.meta.dirname, '../..');
await writeFile(join(root, metricsDocumentPath), await metricsDocument());
process.stdout.write(`wrote ${metricsDocumentPath}\n`);
