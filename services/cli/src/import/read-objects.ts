/** Texts of YAML or JSON → Kubernetes objects, Lists taken apart; what is none is a fault. */
import { LineCounter, parseAllDocuments } from 'yaml';
import { type ForeignObject, foreignObjectSchema } from './foreign-object.ts';

export interface ObjectText {
  /** As complaints are to name it. */
  readonly file: string;
  readonly text: string;
}

export interface ReadObjects {
  readonly objects: readonly ForeignObject[];
  /** One sentence each, with file and line. */
  readonly faults: readonly string[];
}

/** A hundred repetitions of one alias are enough for anybody. */
const aliasesMax = 100;

const itemsOf = (value: unknown): unknown[] => {
  if (typeof value !== 'object' || value === null) return [value];
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  const isList = typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items);
  return isList ? (items as unknown[]) : [value];
};

/** As kubectl has it: what names no namespace is of the one that was asked for. */
const within = (value: unknown, namespace: string): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const { metadata } = value as { metadata?: unknown };
  if (typeof metadata !== 'object' || metadata === null) return value;
  return { ...value, metadata: { namespace, ...metadata } };
};

const readObject = (value: unknown, place: string, namespace: string): ForeignObject | string => {
  const read = foreignObjectSchema.safeParse(within(value, namespace));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const what = `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? ''}`;
  return `${place}: This is not a Kubernetes object (${what}).`;
};

const readText = ({ file, text }: ObjectText, namespace: string): (ForeignObject | string)[] => {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, uniqueKeys: true });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document): (ForeignObject | string)[] => {
    const [first] = document.errors;
    const { line } = lineCounter.linePos(first?.pos[0] ?? document.range?.[0] ?? 0);
    const place = `${file}:${line}`;
    if (first !== undefined) return [`${place}: ${first.message.split('\n')[0]}`];
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: aliasesMax });
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      return [`${place}: ${error.message}.`];
    }
    if (value === null || value === undefined) return [];
    return itemsOf(value).map((item) => readObject(item, place, namespace));
  });
};

/** Every object of all texts, in their order; in the namespace where they name none. */
export const readObjects = (texts: readonly ObjectText[], namespace: string): ReadObjects => {
  const read = texts.flatMap((text) => readText(text, namespace));
  return {
    objects: read.filter((one): one is ForeignObject => typeof one !== 'string'),
    faults: read.filter((one): one is string => typeof one === 'string'),
  };
};
