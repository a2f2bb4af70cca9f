/** Helm and our chart, for tests of what it renders. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './rendered-overlay.ts';

export const chart = join(root, 'infra/helm/flyball');

/** Where the set-up builds it, else as somebody has installed it; undefined where there is none. */
export const helm = [join(root, '.tools/bin'), ...(process.env.PATH ?? '').split(delimiter)]
  .map((folder) => join(folder, 'helm'))
  .find((path) => existsSync(path));

export const whyNoHelm = 'there is no helm: npm run setup -- --tests';
