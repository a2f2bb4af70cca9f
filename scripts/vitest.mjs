/** vitest, ended without a word when nobody reads its output any more. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup/places.mjs';
import { whenUnread } from './unread.mjs';

/** Nobody knows whether the tests would have passed. */
const EXIT_CUT_OFF = 130;

whenUnread(() => process.exit(EXIT_CUT_OFF));
await import(pathToFileURL(join(root, 'node_modules/vitest/vitest.mjs')).href);
