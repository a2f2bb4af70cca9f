/** Which module imports which: the arrows between packages, and cycles between files. */
import { posix } from 'node:path';
import type { SourceFile } from '../source-files.ts';
import { isNode, parse, placeOf, walk } from '../syntax.ts';

export interface Import {
  readonly from: SourceFile;
  readonly specifier: string;
  readonly place: string;
}

const importTypes =
  /^(ImportDeclaration|ExportNamedDeclaration|ExportAllDeclaration|ImportExpression|TSImportType)$/;

/** Every module that a file names, also in `export … from`, `import()` and types. */
export const importsOf = (file: SourceFile): Import[] => {
  const imports: Import[] = [];
  walk(parse(file), (node) => {
    const source = node.source ?? node.argument;
    if (!importTypes.test(node.type) || !isNode(source)) return;
    const specifier = source.value;
    if (typeof specifier !== 'string') return;
    imports.push({ from: file, specifier, place: placeOf(file, node) });
  });
  return imports;
};

/** The folder of the package that a path belongs to: `libs/x`, `test`, …, or `.` for the root. */
export const packageFolderOf = (path: string): string =>
  /^(libs|services|samples)\/[^/]+|^test(?=\/)/.exec(path)?.[0] ?? '.';

const isRelative = (specifier: string): boolean => specifier.startsWith('.');

/** The path that a relative import means. */
const targetOf = ({ from, specifier }: Import): string | undefined =>
  isRelative(specifier) ? posix.join(posix.dirname(from.path), specifier) : undefined;

/** The package's name in an import of a package; undefined for files and Node's own modules. */
export const packageNameOf = (specifier: string): string | undefined =>
  isRelative(specifier) || specifier.startsWith('node:')
    ? undefined
    : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Relative imports that leave their package: another package's inside is not ours to see. */
export const escapes = (file: SourceFile): string[] =>
  importsOf(file).flatMap((found) => {
    const target = targetOf(found);
    if (target === undefined || packageFolderOf(target) === packageFolderOf(file.path)) return [];
    return [`${found.place}: ${found.specifier} reaches into ${packageFolderOf(target)}`];
  });

/** Circles of nodes, each told once, as the way around it. */
export const cyclesIn = (arrows: ReadonlyMap<string, readonly string[]>): string[] => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node);
    if (at !== -1) cycles.push([...path.slice(at), node].join(' → '));
    if (at !== -1 || done.has(node)) return;
    for (const next of arrows.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of arrows.keys()) visit(node, []);
  return cycles;
};

/** Files that import each other in a circle. */
export const fileCycles = (files: readonly SourceFile[]): string[] =>
  cyclesIn(
    new Map(
      files.map((file) => [file.path, importsOf(file).flatMap((found) => targetOf(found) ?? [])]),
    ),
  );
