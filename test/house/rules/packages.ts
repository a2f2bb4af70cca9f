/** The arrows between packages: services → adapters, shared parts → domain, knative → contracts. */
import type { SourceFile } from '../source-files.ts';
import { type Import, importsOf, packageFolderOf, packageNameOf } from './imports.ts';

/** Where a package stands; an arrow may only point down, or sideways where `beside` says so. */
interface Level {
  readonly folders: RegExp;
  readonly rank: number;
  readonly beside: boolean;
}

const levels: readonly Level[] = [
  { folders: /^libs\/contracts$/, rank: 0, beside: false },
  { folders: /^libs\/(domain|knative)$/, rank: 1, beside: false },
  { folders: /^libs\//, rank: 2, beside: true },
  // `flyball all` runs every service in its own process.
  { folders: /^services\/cli$/, rank: 4, beside: false },
  { folders: /^services\//, rank: 3, beside: false },
  { folders: /^test$/, rank: 5, beside: false },
  // A sample stands alone: it is what a user would bring.
  { folders: /^samples\//, rank: -1, beside: false },
];

export interface Package {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  /** The paths it may be imported by: `.` and what `exports` names. */
  readonly exports: readonly string[];
}

export const readPackage = (file: SourceFile): Package => {
  const json = JSON.parse(file.text) as Record<string, unknown>;
  const keys = (field: string) => Object.keys((json[field] ?? {}) as Record<string, unknown>);
  return {
    folder: file.path.replace(/\/?package\.json$/, '') || '.',
    name: String(json.name),
    dependencies: keys('dependencies'),
    devDependencies: keys('devDependencies'),
    exports: keys('exports'),
  };
};

const levelOf = (folder: string): Level | undefined =>
  levels.find((level) => level.folders.test(folder));

/** Whether one package may know the other. */
export const mayKnow = (from: string, to: string): boolean => {
  const [lower, upper] = [levelOf(to), levelOf(from)];
  if (lower === undefined || upper === undefined || lower.rank < 0) return false;
  return lower.rank < upper.rank || (lower.rank === upper.rank && upper.beside);
};

const wrongArrow = (found: Import, from: string, to: Package): string | undefined => {
  if (from === to.folder) return `${found.place}: imports its own package by name`;
  if (mayKnow(from, to.folder)) return undefined;
  return `${found.place}: ${from} may not know ${to.folder}`;
};

const deepImport = (found: Import, to: Package): string | undefined => {
  const subpath = `.${found.specifier.slice(to.name.length)}`;
  if (to.exports.includes(subpath)) return undefined;
  return `${found.place}: ${found.specifier} is not one of the exports of ${to.name}`;
};

/** Imports of our own packages that go the wrong way or past their index. */
export const wrongImports = (file: SourceFile, packages: readonly Package[]): string[] =>
  importsOf(file).flatMap((found) => {
    const to = packages.find(({ name }) => name === packageNameOf(found.specifier));
    if (to === undefined) return [];
    return wrongArrow(found, packageFolderOf(file.path), to) ?? deepImport(found, to) ?? [];
  });

/** Imports of packages that the importing package does not declare. */
export const undeclaredImports = (file: SourceFile, packages: readonly Package[]): string[] => {
  const folder = packageFolderOf(file.path);
  const own = packages.find((one) => one.folder === folder);
  const home = packages.find((one) => one.folder === '.');
  const forTests = [...(own?.devDependencies ?? []), ...(home?.devDependencies ?? [])];
  const isShipped = folder.startsWith('libs/') || folder.startsWith('services/');
  const mayUseTestTools = !isShipped || isForTests(file.path);
  const declared = new Set([...(own?.dependencies ?? []), ...(mayUseTestTools ? forTests : [])]);
  return importsOf(file).flatMap((found) => {
    const name = packageNameOf(found.specifier);
    if (name === undefined || declared.has(name)) return [];
    return [`${found.place}: ${name} is not declared in ${folder}/package.json`];
  });
};

/** Tests, what they stand on, and the contract suites that every adapter runs. */
const isForTests = (path: string): boolean =>
  /(\.test|\/contract|-fixture)\.ts$|\/(testing|contract)\//.test(path);
