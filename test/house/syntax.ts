/** Parses code and walks it: what the house rules look at is syntax, not text. */
import { parseSync } from 'oxc-parser';
import type { SourceFile } from './source-files.ts';

/** A node of the ESTree; rules read further fields by name. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const parsed = new WeakMap<SourceFile, Node>();

/** The syntax tree of a file. Throws when the file does not parse. */
export const parse = (file: SourceFile): Node => {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const { program, errors } = parseSync(file.path, file.text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file.path} does not parse: ${error.message}`);
  const tree = program as unknown as Node;
  parsed.set(file, tree);
  return tree;
};

/** Calls `visit` for every node, outermost first, with the nodes around it, nearest last. */
export const walk = (
  node: Node,
  visit: (node: Node, around: readonly Node[]) => void,
  around: readonly Node[] = [],
): void => {
  visit(node, around);
  const inside = [...around, node];
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, inside);
    }
  }
};

/** The line of an offset, from 1. */
export const lineAt = (file: SourceFile, offset: number): number =>
  file.text.slice(0, offset).split('\n').length;

export const placeOf = (file: SourceFile, node: Node): string =>
  `${file.path}:${lineAt(file, node.start)}`;

export const nameOf = (node: unknown): string | undefined =>
  isNode(node) && typeof node.name === 'string' ? node.name : undefined;
