/** Bundles services into one file each: what their images hold, beside Node. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './setup/places.mjs';
import { whenUnread } from './unread.mjs';

const EXIT_USAGE = 64;

const servicesFolder = join(root, 'services');
const entryOf = (/** @type {string} */ service) => join(servicesFolder, service, 'src/main.ts');

/** They run on somebody's own machine only. */
const local = new Set(['cli', 'local-node']);

/** Every service that an image is made of. */
export const bundledServices = readdirSync(servicesFolder)
  .filter((name) => !local.has(name) && existsSync(entryOf(name)))
  .sort();

/** Dependencies in CommonJS ask for Node's own modules by `require`, which a module lacks. */
const banner = [
  "import { createRequire as createBundledRequire } from 'node:module';",
  'const require = createBundledRequire(import.meta.url);',
].join('\n');

/** Makes the files of a page that a service serves. */
const pageBuilderOf = (/** @type {string} */ service) =>
  join(servicesFolder, service, 'page/build-page.ts');

const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1_000).toFixed(1)} kB`;

/** What a file weighs, and what a compressing proxy makes of it. */
const weightOf = (/** @type {string} */ text) =>
  `${kilobytes(Buffer.byteLength(text))}, compressed ${kilobytes(gzipSync(text).length)}`;

/**
 * Writes the page of a service beside its bundle, if it has one.
 * @param {string} service
 * @param {string} folder
 * @returns {Promise<string[]>} each file with its size
 */
async function bundlePage(service, folder) {
  const builder = pageBuilderOf(service);
  if (!existsSync(builder)) return [];
  const { buildPage } = await import(pathToFileURL(builder).href);
  const files = /** @type {Record<string, string>} */ (await buildPage());
  const place = join(folder, 'page-dist');
  mkdirSync(place, { recursive: true });
  return Object.entries(files).map(([name, text]) => {
    const path = join(place, name);
    writeFileSync(path, text);
    return `${path} (${weightOf(text)})`;
  });
}

/**
 * Bundles a service, and its page if it has one.
 * @param {string} service one of `bundledServices`
 * @param {string} folder where `<service>.mjs` is written, and `page-dist/`
 * @returns {Promise<{ path: string, inputs: Record<string, number>, page: string[] }>} the file,
 *   the bytes that each source file (from the repository's root) has in it, and the page's files
 */
export async function bundle(service, folder) {
  const path = join(folder, `${service}.mjs`);
  const page = await bundlePage(service, folder);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entryOf(service)],
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: banner },
    // Not minified: a stack trace of an image can be read.
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  const inputs = Object.entries(output?.inputs ?? {});
  return {
    path,
    page,
    inputs: Object.fromEntries(inputs.map(([file, { bytesInOutput }]) => [file, bytesInOutput])),
  };
}

const usage = `npm run bundle -- [--out DIR] [SERVICE…]
Writes SERVICE.mjs for each service, or for all of them: ${bundledServices.join(', ')}.
The console's page goes to page-dist/ beside it.
  --out DIR  where to; dist by default
`;

/** @returns {{ out: string, services: string[] } | string} or what is wrong with the arguments */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { out: { type: 'string', default: 'dist' } },
      allowPositionals: true,
    });
    const unknown = positionals.filter((name) => !bundledServices.includes(name));
    if (unknown.length > 0) return `${unknown.join(', ')}: not a service that has an image.`;
    return {
      out: resolve(values.out),
      services: positionals.length === 0 ? bundledServices : positionals,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

if (process.argv[1] === import.meta.filename) {
  whenUnread(() => process.exit(0));
  const given = process.argv.some((arg) => arg === '--help' || arg === '-h') ? '' : readArguments();
  if (typeof given === 'string') {
    (given === '' ? process.stdout : process.stderr).write(`${given}\n${usage}`.trimStart());
    process.exitCode = given === '' ? 0 : EXIT_USAGE;
  } else {
    for (const service of given.services) {
      const { path, page } = await bundle(service, given.out);
      process.stdout.write(`${[path, ...page].join('\n')}\n`);
    }
  }
}
