/** The repository's own files, found on disk: the house holds with and without git. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

const foreign = new Set(['node_modules', 'dist', 'coverage', '.git', '.tools', '.flyball']);
const codePattern = /\.(tsx?|js|mjs)$/;
const textPattern = /\.(tsx?|js|mjs|css|html|json|jsonl|md|ya?ml|lua|conf|sh)$/;

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const paths = globSync('**/*', {
  cwd: root,
  withFileTypes: true,
  exclude: (entry) => foreign.has(typeof entry === 'string' ? entry : entry.name),
})
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
  .sort();

const read = (path: string): SourceFile => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
});

/** All code: TypeScript and JavaScript, tests too. */
export const codeFiles: readonly SourceFile[] = paths
  .filter((path) => codePattern.test(path))
  .map(read);

/** All text that a person wrote or reads, but not the lockfile. */
export const textFiles: readonly SourceFile[] = paths
  .filter((path) => textPattern.test(path) && path !== 'pnpm-lock.yaml')
  .map(read);

/** All package.json files. */
export const packageFiles: readonly SourceFile[] = paths
  .filter((path) => path === 'package.json' || path.endsWith('/package.json'))
  .map(read);
