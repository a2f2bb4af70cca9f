/** What was meant to go before the work was handed on. */
import type { SourceFile } from '../source-files.ts';
import { isNode, nameOf, parse, placeOf, walk } from '../syntax.ts';

// Written so that it does not find itself.
const unfinished = /\b(FIX[M]E|TO[D]O)\b/;
const narrowed = new Set(['only', 'todo']);
const runners = new Set(['test', 'it', 'describe', 'suite', 'bench']);

/** Lines of any text that say that something is not finished. */
export const unfinishedLines = (file: SourceFile): string[] =>
  file.text.split('\n').flatMap((line, index) => {
    const found = unfinished.exec(line)?.[0];
    return found === undefined ? [] : [`${file.path}:${index + 1}: ${found}`];
  });

/** The name that a chain begins with: `test` in `test.skipIf(x).only`. */
const ownerOf = (chain: unknown): string => {
  let inner = chain;
  while (isNode(inner) && nameOf(inner) === undefined) inner = inner.object ?? inner.callee;
  return nameOf(inner) ?? '';
};

/** `console`, `debugger`, and tests narrowed to one or put off. */
export const debuggingLeftovers = (file: SourceFile): string[] => {
  const complaints: string[] = [];
  const complain = (node: Parameters<typeof placeOf>[1], what: string) =>
    complaints.push(`${placeOf(file, node)}: ${what}`);
  walk(parse(file), (node) => {
    if (node.type === 'DebuggerStatement') complain(node, 'debugger');
    if (node.type !== 'MemberExpression' || !isNode(node.object)) return;
    const property = nameOf(node.property) ?? '';
    const owner = ownerOf(node.object);
    if (owner === 'console') complain(node, `console.${property}`);
    if (runners.has(owner) && narrowed.has(property)) complain(node, `${owner}.${property}`);
  });
  return complaints;
};

const person = '[\\w.-]+';
const machinePath = new RegExp(`(?<![\\w.~-])/(work|root|home/${person}|Users/${person})/[\\w.]`);

/** Paths that exist on one machine only. */
export const machinePaths = (file: SourceFile): string[] =>
  file.text.split('\n').flatMap((line, index) => {
    const found = machinePath.exec(line)?.[0];
    return found === undefined
      ? []
      : [`${file.path}:${index + 1}: ${found}… is one machine's path`];
  });

/** Addresses in a lockfile: packages come by name and checksum, from whatever registry is set. */
export const registryAddresses = (lockfile: SourceFile): string[] => {
  const hosts = lockfile.text.matchAll(/https?:\/\/([\w.:-]+)/g);
  return [...hosts].map(([, host = '']) => `${lockfile.path}: names the host ${host}`);
};
