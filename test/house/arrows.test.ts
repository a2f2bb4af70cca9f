/** services → adapters and shared parts → domain, knative → contracts; nothing goes back. */
import { expect, test } from 'vitest';
import { cyclesIn, escapes, fileCycles, importsOf, packageFolderOf } from './rules/imports.ts';
import {
  mayKnow,
  type Package,
  readPackage,
  undeclaredImports,
  wrongImports,
} from './rules/packages.ts';
import { codeFiles, packageFiles } from './source-files.ts';

const packages = packageFiles.map(readPackage);

test('there are packages and imports to look at', () => {
  expect(packages.length).toBeGreaterThan(10);
  expect(codeFiles.flatMap(importsOf).length).toBeGreaterThan(100);
});

test('no import goes against the arrows, or past the index of a package', () => {
  expect(codeFiles.flatMap((file) => wrongImports(file, packages))).toEqual([]);
});

test('no relative import leaves its package', () => {
  expect(codeFiles.flatMap(escapes)).toEqual([]);
});

test('every imported package is declared by the one that imports it', () => {
  expect(codeFiles.flatMap((file) => undeclaredImports(file, packages))).toEqual([]);
});

test('declared dependencies between packages follow the arrows too', () => {
  const wrong = packages.flatMap(({ folder, dependencies, devDependencies }) =>
    packages
      .filter((to) => dependencies.includes(to.name) || devDependencies.includes(to.name))
      .filter((to) => !mayKnow(folder, to.folder))
      .map((to) => `${folder} → ${to.folder}`),
  );
  expect(wrong).toEqual([]);
});

test('neither packages nor files go in circles', () => {
  const arrows = new Map(
    packages.map(({ folder, dependencies }) => [
      folder,
      packages.filter((to) => dependencies.includes(to.name)).map((to) => to.folder),
    ]),
  );
  expect(cyclesIn(arrows)).toEqual([]);
  expect(fileCycles(codeFiles)).toEqual([]);
});

const plantedPackage = (folder: string, dependencies: string[] = []): Package => ({
  folder,
  name: `@flyball/${folder.split('/').at(-1)}`,
  dependencies,
  devDependencies: [],
  exports: ['.', './testing'],
});
const plantedPackages = ['libs/contracts', 'libs/domain', 'libs/platform', 'services/decider']
  .map((folder) => plantedPackage(folder))
  .concat(plantedPackage('services/watcher', ['zod']), plantedPackage('libs/proxy', ['undici']));

test.each([
  ['libs/domain/src/a.ts', "import { x } from '@flyball/platform';", 'may not know libs/platform'],
  ['libs/contracts/src/a.ts', "export * from '@flyball/domain';", 'may not know libs/domain'],
  ['libs/proxy/src/a.ts', "import type { X } from '@flyball/decider';", 'may not know services/'],
  ['services/watcher/src/a.ts', "await import('@flyball/decider');", 'may not know services/'],
  ['samples/autoscale/src/a.js', "import '@flyball/contracts';", 'may not know libs/contracts'],
  ['services/watcher/src/a.ts', "import '@flyball/domain/src/x.ts';", 'not one of the exports'],
  ['libs/domain/src/a.ts', "import { x } from '@flyball/domain';", 'its own package by name'],
])('%s: %s is refused', (path, text, complaint) => {
  const complaints = wrongImports({ path, text }, plantedPackages);
  expect(complaints).toEqual([expect.stringContaining(complaint)]);
});

test.each([
  ['services/watcher/src/a.ts', "import { x } from '@flyball/platform';"],
  ['libs/proxy/src/a.ts', "import { x } from '@flyball/platform';"],
  ['test/e2e/a.test.ts', "import { x } from '@flyball/domain/testing';"],
  ['libs/domain/src/a.ts', "import { x } from '@flyball/contracts';"],
])('%s: %s is allowed', (path, text) => {
  expect(wrongImports({ path, text }, plantedPackages)).toEqual([]);
});

test('what is not declared is seen', () => {
  const path = 'services/watcher/src/a.ts';
  const see = (text: string) => undeclaredImports({ path, text }, plantedPackages);
  expect(see("import { z } from 'zod/v4'; import 'node:fs'; import './b.ts';")).toEqual([]);
  expect(see("import { request } from 'undici';")).toEqual([
    `${path}:1: undici is not declared in services/watcher/package.json`,
  ]);
});

test('reaching into another package and going in circles are seen', () => {
  const [a, b] = ['a', 'b'].map((name, index, names) => ({
    path: `libs/domain/src/${name}.ts`,
    text: `import { x } from './${names[1 - index]}.ts';`,
  }));
  expect(fileCycles([a, b].flatMap((file) => file ?? []))).toEqual([
    'libs/domain/src/a.ts → libs/domain/src/b.ts → libs/domain/src/a.ts',
  ]);
  const path = 'services/watcher/src/a.ts';
  expect(escapes({ path, text: "import '../../decider/src/stage.ts';" })).toEqual([
    `${path}:1: ../../decider/src/stage.ts reaches into services/decider`,
  ]);
  expect(packageFolderOf('test/house/arrows.test.ts')).toBe('test');
});
