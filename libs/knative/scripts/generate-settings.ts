/** Writes docs/settings.md from the settings themselves. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingsDocument } from '../src/documents/settings-document.ts';

await writeFile(join(import.meta.dirname, '../../../docs/settings.md'), settingsDocument());
process.stdout.write('wrote docs/settings.md\n');
