/** The Chromium that the set-up found or installed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../../e2e/harness/command.ts';

const recordSchema = z.object({ path: z.string().nullable() });
const recordFile = join(repositoryRoot, '.tools/browser.json');

/** What is said where there is none. */
export const noBrowser = 'no Chromium: npm run setup -- --tests installs it where it can be had';

/** Its path; undefined where there is none. */
export const findBrowser = (): string | undefined => {
  if (!existsSync(recordFile)) return undefined;
  const { path } = recordSchema.parse(JSON.parse(readFileSync(recordFile, 'utf8')));
  return path !== null && existsSync(path) ? path : undefined;
};
