/** YAML whose every value knows its line, column and path, and complains by itself. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLError,
} from 'yaml';
import { type Complaint, complaintAt, type Fault, type Place } from './complaint.ts';
import { duplicateKeyAt } from './duplicate-key.ts';

/** No text of Kubernetes objects that is larger makes sense to apply at once. */
const largestTextLength = 8 * 1024 * 1024;
const mostDocuments = 20_000;
/** A broken text breaks on and on; the first faults are the ones to mend. */
const mostSyntaxFaults = 20;

interface Source {
  readonly file: string;
  readonly lines: LineCounter;
  readonly document: Document;
  /** Grows as the text is read. */
  readonly complaints: Complaint[];
}

/** A value in the text, there or missing. */
export interface Spot {
  readonly source: Source;
  readonly path: string;
  /** The last part of the path. */
  readonly key: string;
  readonly node: Node | undefined;
  /** Where to point: the value, or what it is missing from. */
  readonly offset: number;
}

export interface LocatedText {
  readonly roots: readonly Spot[];
  /** Syntax faults at first; reading the spots adds theirs. */
  readonly complaints: Complaint[];
}

/** Parses all documents of a text; those with syntax faults have no root. */
export const parseLocated = (input: { file: string; text: string }): LocatedText => {
  const { file, text } = input;
  const complaints: Complaint[] = [];
  const top = { file, line: 1, column: 1, path: '' };
  const refuse = (message: string): LocatedText => {
    complaints.push(complaintAt(top, { severity: 'error', key: '', value: '', message }));
    return { roots: [], complaints };
  };
  if (text.length > largestTextLength) {
    return refuse(`The text is ${text.length} characters long; at most ${largestTextLength}.`);
  }
  const lines = new LineCounter();
  const documents = parseDocuments(text, lines);
  if (documents === undefined) return refuse('The text is nested too deeply to be read.');
  if (documents.length > mostDocuments) {
    return refuse(`The text has ${documents.length} documents; at most ${mostDocuments}.`);
  }
  const roots = documents.flatMap((document) => {
    const source: Source = { file, lines, document, complaints };
    const faults = document.errors.slice(0, mostSyntaxFaults);
    complaints.push(...faults.map((error) => syntaxComplaint(source, text, error)));
    const readable = document.errors.every((error) => error.code === 'DUPLICATE_KEY');
    const node = document.contents;
    if (!readable || node === null || (isScalar(node) && node.value === null)) return [];
    return [{ source, path: '', key: '', node, offset: node.range?.[0] ?? 0 }];
  });
  return { roots, complaints };
};

const parseDocuments = (text: string, lineCounter: LineCounter): Document[] | undefined => {
  try {
    const options = { lineCounter, prettyErrors: false, uniqueKeys: true, merge: false } as const;
    const documents = parseAllDocuments(text, options);
    return 'empty' in documents ? [] : documents;
  } catch (error) {
    // The parser recurses; a text of thousands of brackets exhausts the stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

const syntaxMessage = (error: YAMLError): string => {
  if (error.code === 'DUPLICATE_KEY') return 'A key is given twice; only one can be meant.';
  if (error.code === 'TAB_AS_INDENT') return 'YAML is indented by spaces; this line has a tab.';
  if (error.code === 'RESOURCE_EXHAUSTION') return 'It is nested too deeply to be read.';
  return `This is not YAML: ${error.message.split('\n')[0]}.`;
};

const syntaxComplaint = (source: Source, text: string, error: YAMLError): Complaint => {
  const [from, to] = error.pos;
  const place = placeAt(source, from, '');
  const double =
    error.code === 'DUPLICATE_KEY' ? duplicateKeyAt(source.document, text, from) : undefined;
  if (double !== undefined) {
    const { key, value, firstOffset } = double;
    const { line } = placeAt(source, firstOffset, '');
    const message = `${key} is given twice, first in line ${line}; only one can be meant.`;
    return complaintAt(place, { severity: 'error', key, value, message });
  }
  const value = text.slice(from, Math.max(to, from + 1)).split('\n')[0] ?? '';
  return complaintAt(place, { severity: 'error', key: '', value, message: syntaxMessage(error) });
};

const placeAt = (source: Source, offset: number, path: string): Place => {
  const { line, col } = source.lines.linePos(offset);
  return { file: source.file, line: Math.max(1, line), column: Math.max(1, col), path };
};

/** The position of a value, or of what it is missing from. */
export const placeOf = (spot: Spot): Place => placeAt(spot.source, spot.offset, spot.path);

/** Complains of the value at a spot. */
export const complain = (spot: Spot, fault: Omit<Fault, 'key' | 'value'>): void => {
  const said = { key: spot.key, value: writtenAt(spot), ...fault };
  spot.source.complaints.push(complaintAt(placeOf(spot), said));
};

/** The value as written, as far as it is a single one. */
export const writtenAt = (spot: Spot): string => {
  if (!isScalar(spot.node)) return '';
  return typeof spot.node.value === 'string' ? spot.node.value : (spot.node.source ?? '');
};

const joined = (path: string, key: string): string => {
  if (!/^[A-Za-z0-9_-]+$/.test(key)) return `${path}["${key}"]`;
  return path === '' ? key : `${path}.${key}`;
};

const target = (spot: Spot, node: unknown): Node | undefined => {
  const resolved = isAlias(node) ? node.resolve(spot.source.document) : node;
  return (resolved ?? undefined) as Node | undefined;
};

const spotUnder = (parent: Spot, key: string, node: unknown, keyNode?: unknown): Spot => {
  const start = (at: unknown): number | undefined => (at as Node | null)?.range?.[0];
  return {
    source: parent.source,
    path: joined(parent.path, key),
    key,
    node: target(parent, node),
    offset: start(node) ?? start(keyNode) ?? parent.offset,
  };
};

/** Merges of merges multiply; what configuration needs is far below. */
const deepestMerge = 4;
const widestMerge = 16;

/** The entries of a map in order, `<<` merged under what is written out; none for other values. */
export const entriesOf = (spot: Spot, depth = 0): ReadonlyMap<string, Spot> => {
  const merged = new Map<string, Spot>();
  const entries = new Map<string, Spot>();
  if (!isMap(spot.node)) return entries;
  for (const pair of spot.node.items) {
    if (!isScalar(pair.key)) continue;
    const key = String((pair.key as Scalar).value);
    const child = spotUnder(spot, key, pair.value, pair.key);
    if (key !== '<<') entries.set(key, child);
    else {
      for (const [name, entry] of mergedUnder(child, depth)) {
        if (!merged.has(name)) merged.set(name, { ...entry, path: joined(spot.path, name) });
      }
    }
  }
  return new Map([...merged, ...entries]);
};

const mergedUnder = (merge: Spot, depth: number): [string, Spot][] => {
  const sources = isSeq(merge.node) ? itemsOf(merge) : [merge];
  if (depth >= deepestMerge || sources.length > widestMerge) {
    const allowed = `${widestMerge} maps, ${deepestMerge} deep`;
    complain(merge, { severity: 'error', message: 'This merges too much to be read.', allowed });
    return [];
  }
  return sources.flatMap((from) => [...entriesOf(from, depth + 1)]);
};

/** The value under a chain of keys; missing when any of them is. */
export const under = (spot: Spot, ...keys: string[]): Spot =>
  keys.reduce((at, key) => entriesOf(at).get(key) ?? spotUnder(at, key, undefined), spot);

/** The items of a list; none for other values. */
export const itemsOf = (spot: Spot): Spot[] =>
  isSeq(spot.node)
    ? spot.node.items.map((item, index) => ({
        ...spotUnder(spot, spot.key, item),
        path: `${spot.path}[${index}]`,
      }))
    : [];

/** Is a value there at all? `key:` with nothing behind it is none. */
export const isPresent = (spot: Spot): boolean =>
  spot.node !== undefined && !(isScalar(spot.node) && spot.node.value === null);

/** The shape of a value, for messages. */
export const shapeOf = (spot: Spot): 'nothing' | 'a map' | 'a list' | 'a value' => {
  if (!isPresent(spot)) return 'nothing';
  return isMap(spot.node) ? 'a map' : isSeq(spot.node) ? 'a list' : 'a value';
};
