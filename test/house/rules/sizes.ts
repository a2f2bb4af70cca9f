/** Files, functions and lines that are too large to be read at once. */
import type { SourceFile } from '../source-files.ts';
import { isNode, lineAt, type Node, nameOf, parse, walk } from '../syntax.ts';

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 60;
const LINE_COLUMNS_MAX = 100;

export const largeFiles = (file: SourceFile): string[] => {
  const lines = file.text.trimEnd().split('\n').length;
  return lines > FILE_LINES_MAX ? [`${file.path}: ${lines} lines, at most ${FILE_LINES_MAX}`] : [];
};

export const longLines = (file: SourceFile): string[] =>
  file.text.split('\n').flatMap((line, index) => {
    const columns = [...line].length;
    return columns > LINE_COLUMNS_MAX
      ? [`${file.path}:${index + 1}: ${columns} columns, at most ${LINE_COLUMNS_MAX}`]
      : [];
  });

const functionTypes = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;
const runners = new Set(['describe', 'suite', 'test', 'it']);

/** The name that a call begins with: `test` in `test.skipIf(x)('…', …)`. */
const callee = (call: unknown): string | undefined => {
  let inner = call;
  while (isNode(inner) && nameOf(inner) === undefined) {
    inner = inner.object ?? inner.callee ?? inner.tag ?? inner.expression;
  }
  return nameOf(inner);
};

/** A function that consists of tests is a chapter with functions in it, not a function. */
const isChapter = (node: Node): boolean => {
  const statements = isNode(node.body) ? node.body.body : undefined;
  return (
    Array.isArray(statements) &&
    statements.some((statement) => isNode(statement) && runners.has(callee(statement) ?? ''))
  );
};

export const longFunctions = (file: SourceFile): string[] => {
  const complaints: string[] = [];
  walk(parse(file), (node) => {
    if (!functionTypes.test(node.type) || isChapter(node)) return;
    const first = lineAt(file, node.start);
    const lines = lineAt(file, node.end) - first + 1;
    if (lines <= FUNCTION_LINES_MAX) return;
    complaints.push(`${file.path}:${first}: ${lines} lines, at most ${FUNCTION_LINES_MAX}`);
  });
  return complaints;
};
