/** Bundles the console's page: a document, one script, one style sheet, for browsers since 2023. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const pageFolder = import.meta.dirname;

/** Every file of the page, by the name under which it is served. */
export interface PageFiles {
  readonly 'index.html': string;
  readonly 'page.js': string;
  readonly 'page.css': string;
  readonly 'icon.svg': string;
}

/** Bundles the page from its sources, in memory; takes some 100 ms. Rejects when they are wrong. */
export const buildPage = async (): Promise<PageFiles> => {
  const { outputFiles } = await build({
    absWorkingDir: pageFolder,
    entryPoints: { page: 'src/main.tsx' },
    outdir: 'dist',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome115', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // The licences of what is bundled travel with it.
    legalComments: 'eof',
    logLevel: 'silent',
  });
  const textOf = (end: string): string =>
    outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  const read = (name: string): Promise<string> => readFile(join(pageFolder, name), 'utf8');
  return {
    'index.html': await read('index.html'),
    'icon.svg': await read('icon.svg'),
    'page.js': textOf('.js'),
    'page.css': textOf('.css'),
  };
};
