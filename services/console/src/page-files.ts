/** The page's files: bundled where their sources are, or read where they were bundled before. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { OutsideError } from '@flyball/contracts';
import type { FastifyInstance } from 'fastify';

const names = ['index.html', 'page.js', 'page.css', 'icon.svg'] as const;

/** Each file's text, by its name. */
export type PageFiles = Readonly<Record<(typeof names)[number], string>>;

const types: Readonly<Record<(typeof names)[number], string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/** Beside the one file that an image holds; and beside these sources. */
const bundledAt = new URL('./page-dist/', import.meta.url);
const builderAt = new URL('../page/build-page.ts', import.meta.url);

interface PageBuilder {
  readonly buildPage: () => Promise<PageFiles>;
}

/** Rejects with FILE_UNREADABLE when there is neither a bundle nor its sources. */
export const readPageFiles = async (): Promise<PageFiles> => {
  if (existsSync(bundledAt)) {
    const read = (name: string) => readFile(new URL(name, bundledAt), 'utf8');
    const files = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
    return Object.fromEntries(files) as unknown as PageFiles;
  }
  if (!existsSync(builderAt)) {
    const message = `There is no page at ${bundledAt.pathname}: the image was made without it.`;
    throw new OutsideError('FILE_UNREADABLE', message, { retriable: false });
  }
  // Not followed by a bundler: an image has no sources, and no bundler of its own.
  const builder = (await import(builderAt.href)) as PageBuilder;
  return builder.buildPage();
};

/** Adds the page and its files; `/` is the page. */
export const addPageRoutes = (server: FastifyInstance, files: PageFiles): void => {
  for (const name of names) {
    const path = name === 'index.html' ? '/' : `/${name}`;
    server.get(path, async (_request, reply) => reply.type(types[name]).send(files[name]));
  }
};
