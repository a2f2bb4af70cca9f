/** Knative's own answers, where a directory `vectors/kpa` lies beside the repository. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { conformance } from './conformance.ts';

const root = join(import.meta.dirname, '../../../..');
const found = globSync(['vectors/kpa', '*/vectors/kpa'], { cwd: join(root, '..') });

it('every vector that lies beside the repository passes', async (context) => {
  if (found.length === 0) {
    context.skip('no vectors/kpa lies beside the repository: Knative was not compared with');
  }
  for (const directory of found) {
    const terminal = captureTerminal();
    const { signal } = new AbortController();
    const options = { directory: join(root, '..', directory), output: 'text' } as const;
    const code = await conformance({ terminal, signal }, options);
    expect(terminal.lines.at(-1)).toMatch(/^[1-9]\d* passed, 0 failed$/);
    expect(code).toBe(0);
  }
});
