/** What the pure core may not touch: time, chance, the machine, and everything that waits. */
import type { SourceFile } from '../source-files.ts';
import { isNode, type Node, nameOf, parse, placeOf, walk } from '../syntax.ts';

const pureFolder = /^libs\/(contracts|domain|knative)\/src\//;

/** Shipped code of the pure packages; tests and test helpers may use what they like. */
export const isPure = (path: string): boolean =>
  pureFolder.test(path) && !path.endsWith('.test.ts') && !path.includes('/testing/');

const impureGlobals = new Set([
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'process',
  'globalThis',
  'crypto',
  'fetch',
  'console',
  'Promise',
  'WeakRef',
]);

const isPropertyName = (node: Node, parent: Node | undefined): boolean =>
  (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) ||
  (parent?.key === node && parent.computed !== true && parent.shorthand !== true) ||
  parent?.type === 'TSQualifiedName';

const pureDateCalls = new Set(['UTC', 'parse']);

/** `new Date(atMs)` only writes a time in another way; `new Date()` asks the machine for it. */
const isPureDate = (parent: Node | undefined): boolean =>
  (parent?.type === 'NewExpression' && (parent.arguments as unknown[]).length > 0) ||
  (parent?.type === 'MemberExpression' && pureDateCalls.has(nameOf(parent.property) ?? ''));

const impureIdentifier = (node: Node, parent: Node | undefined): string | undefined => {
  const name = nameOf(node);
  if (node.type !== 'Identifier' || name === undefined || isPropertyName(node, parent)) {
    return undefined;
  }
  if (name === 'Date' && isPureDate(parent)) return undefined;
  if (impureGlobals.has(name)) return name;
  const isMember = parent?.type === 'MemberExpression';
  const isRandom =
    name === 'Math' && (!isMember || ['random', undefined].includes(nameOf(parent.property)));
  return isRandom ? 'Math.random' : undefined;
};

/** Only an assertion may throw: `const assertX = … throw`, or `assert…(…)` itself. */
const isInAssertion = (around: readonly Node[]): boolean =>
  around.some((node) => {
    const named = node.id ?? node.key;
    return /^assert/.test(nameOf(named) ?? '');
  });

/** What was caught and is not understood may be passed on. */
const isRethrown = (node: Node, around: readonly Node[]): boolean => {
  const thrown = nameOf(node.argument);
  const caught = around.filter((outer) => outer.type === 'CatchClause');
  return thrown !== undefined && caught.some((outer) => nameOf(outer.param) === thrown);
};

const isErrorClass = (node: Node): boolean => {
  const base = nameOf(node.superClass) ?? '';
  return base.endsWith('Error');
};

const mayThrow = (node: Node, around: readonly Node[]): boolean =>
  isInAssertion(around) || isRethrown(node, around);

const impureStatement = (node: Node, around: readonly Node[]): string | undefined => {
  if (node.async === true) return 'async';
  if (node.type === 'AwaitExpression') return 'await';
  if (node.type === 'ImportExpression') return 'import()';
  if (node.type === 'ThrowStatement' && !mayThrow(node, around)) return 'throw';
  if (/^Class(Declaration|Expression)$/.test(node.type) && !isErrorClass(node)) return 'class';
  if (node.type === 'ImportDeclaration' && isNode(node.source)) {
    const source = String(node.source.value);
    return source.startsWith('node:') ? source : undefined;
  }
  return undefined;
};

/** Every use of something impure in a file of the core. */
export const impurities = (file: SourceFile): string[] => {
  const complaints: string[] = [];
  walk(parse(file), (node, around) => {
    const found = impureStatement(node, around) ?? impureIdentifier(node, around.at(-1));
    if (found !== undefined) complaints.push(`${placeOf(file, node)}: ${found} in the pure core`);
  });
  return complaints;
};
