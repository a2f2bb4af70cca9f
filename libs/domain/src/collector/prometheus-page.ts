/** A page in the Prometheus text format: its series by name, read only where somebody asks. */
import type { MetricSelector } from '@flyball/contracts/metric-selector';

export interface Series {
  /** Its labels as the page writes them, which tells it from the others of its name. */
  readonly key: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite. */
  readonly value: number;
  /** When it was measured, UTC ms, where the page says so. */
  readonly measuredAtMs: number | undefined;
}

export interface PrometheusPage {
  /** The series that a selector means, in the order of the page. */
  select(selector: MetricSelector): readonly Series[];
}

const nameOfLine = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)/;
const labelPattern = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?/y;
/** A value, perhaps a time, perhaps an exemplar. */
const valuePattern = /^\s*(\S+)(?:\s+(-?\d+))?\s*(?:#.*)?$/;

const numberOf = (text: string): number => {
  if (/^[+-]?inf(inity)?$/i.test(text)) {
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return Number(text);
};

const unescaped = (text: string): string =>
  text.includes('\\')
    ? text.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
    : text;

const noLabels: ReadonlyMap<string, string> = new Map();

/** What stands in braces, and where it ends; undefined when it is not whole. */
const readLabels = (line: string, from: number) => {
  const labels = new Map<string, string>();
  let at = from;
  for (;;) {
    labelPattern.lastIndex = at;
    const found = labelPattern.exec(line);
    if (found === null) break;
    labels.set(found[1] ?? '', unescaped(found[2] ?? ''));
    at = labelPattern.lastIndex;
  }
  const end = line.indexOf('}', at);
  return end >= 0 && line.slice(at, end).trim() === '' ? { labels, end: end + 1 } : undefined;
};

/** A line after its name; undefined when it is no sample. */
const readSeries = (line: string): Series | undefined => {
  const isLabelled = line.trimStart().startsWith('{');
  const read = isLabelled ? readLabels(line, line.indexOf('{') + 1) : { labels: noLabels, end: 0 };
  if (read === undefined) return undefined;
  const [, value, time] = valuePattern.exec(line.slice(read.end)) ?? [];
  if (value === undefined) return undefined;
  return {
    key: line.slice(0, read.end).trim(),
    labels: read.labels,
    value: numberOf(value),
    measuredAtMs: time === undefined ? undefined : Number(time),
  };
};

const readAll = (lines: readonly string[]): readonly Series[] =>
  lines.flatMap((line) => readSeries(line) ?? []);

/** The rest of each line by the name that it begins with; comments are passed by. */
const linesByName = (text: string): ReadonlyMap<string, readonly string[]> => {
  const lines = new Map<string, string[]>();
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(at, end);
    at = end + 1;
    const named = line.startsWith('#') ? null : nameOfLine.exec(line);
    if (named === null) continue;
    const name = named[1] ?? '';
    const known = lines.get(name);
    const rest = line.slice(named[0].length);
    if (known === undefined) lines.set(name, [rest]);
    else known.push(rest);
  }
  return lines;
};

/** The series of one name, by the values of a label. */
const groupBy = (all: readonly Series[], label: string): ReadonlyMap<string, readonly Series[]> => {
  const groups = new Map<string, Series[]>();
  for (const series of all) {
    const value = series.labels.get(label) ?? '';
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [series]);
    else group.push(series);
  }
  return groups;
};

/** What may stand between a metric's name and its labels or value. */
const afterName = /[\s{]/;
/** A longer line is no sample: pages are anybody's, and expressions go through it. */
const lineCharsMax = 65_536;

/**
 * The rest of each line that begins with the name. A search for the name alone: pages of ingresses
 * have a hundred thousand lines, of which few are asked for. Each line is looked at once.
 */
const linesOf = (text: string, name: string): readonly string[] => {
  const rests: string[] = [];
  let end = 0;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, end)) {
    const lineStart = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
    const newline = text.indexOf('\n', at);
    end = newline < 0 ? text.length : newline;
    const rest = at + name.length;
    if (end - lineStart > lineCharsMax || !afterName.test(text[rest] ?? '')) continue;
    if (text.slice(lineStart, at).trim() === '') rests.push(text.slice(rest, end));
  }
  return rests;
};

/**
 * Reads a page. Lines that are no samples are passed by. A page of thousands of series may be asked
 * by as many selectors: those with an equal label look at that label's series only.
 */
export const readPrometheusPage = (text: string): PrometheusPage => {
  const readByName = new Map<string, readonly Series[]>();
  const groups = new Map<string, ReadonlyMap<string, readonly Series[]>>();

  const seriesOf = (name: string): readonly Series[] => {
    const known = readByName.get(name) ?? readAll(linesOf(text, name));
    readByName.set(name, known);
    return known;
  };
  const groupOf = (name: string, label: string, value: string): readonly Series[] => {
    const key = `${name} ${label}`;
    const known = groups.get(key) ?? groupBy(seriesOf(name), label);
    groups.set(key, known);
    return known.get(value) ?? [];
  };
  return {
    select: ({ name, matchers }) => {
      const equal = matchers.find(({ operator }) => operator === '=');
      const some = equal === undefined ? seriesOf(name) : groupOf(name, equal.label, equal.value);
      return some.filter(({ labels }) =>
        matchers.every(({ label, accepts }) => accepts(labels.get(label) ?? '')),
      );
    },
  };
};

/** The values without labels, by name. */
export const plainSamples = (text: string): ReadonlyMap<string, number> =>
  new Map(
    [...linesByName(text)].flatMap(([name, lines]) => {
      const plain = readAll(lines).findLast(({ labels }) => labels.size === 0);
      return plain === undefined ? [] : [[name, plain.value] as const];
    }),
  );
