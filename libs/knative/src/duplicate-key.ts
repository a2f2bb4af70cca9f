/** Finds, in a YAML document, the key of a map that stands there a second time. */
import { type Document, isScalar, type Node, type Pair, type Scalar, visit } from 'yaml';

export interface DuplicateKey {
  readonly key: string;
  /** The second value, its first line, as it is written. */
  readonly value: string;
  /** Where the first of the two stands in the text. */
  readonly firstOffset: number;
}

const keyOf = (pair: Pair): string | undefined =>
  isScalar(pair.key) ? String((pair.key as Scalar).value) : undefined;

const startOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? -1;

const writtenValue = ({ value }: Pair, text: string): string => {
  if (isScalar(value) && typeof value.value === 'string') return value.value;
  const [from, to] = (value as Node | null)?.range ?? [0, 0];
  return text.slice(from, to).split('\n')[0] ?? '';
};

/** The key at an offset where the parser has found one that is not the first of its name. */
export const duplicateKeyAt = (
  document: Document,
  text: string,
  offset: number,
): DuplicateKey | undefined => {
  let found: DuplicateKey | undefined;
  visit(document, {
    Map: (_, { items }) => {
      const second = items.find((pair) => startOf(pair.key) === offset);
      if (second === undefined) return undefined;
      const key = keyOf(second);
      const first = items.find((pair) => keyOf(pair) === key);
      if (key === undefined || first === undefined) return visit.BREAK;
      found = { key, value: writtenValue(second, text), firstOffset: startOf(first.key) };
      return visit.BREAK;
    },
  });
  return found;
};
