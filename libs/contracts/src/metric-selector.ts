/** Which series of a Prometheus page are meant, as PromQL writes it: `name{label="value"}`. */
import { RE2JS } from 're2js';

const operators = ['=~', '!~', '!=', '='] as const;
type Operator = (typeof operators)[number];

/** What one label must be; a label that a series does not have is empty. */
export interface LabelMatcher {
  readonly label: string;
  readonly operator: Operator;
  readonly value: string;
  readonly accepts: (value: string) => boolean;
}

export interface MetricSelector {
  readonly name: string;
  readonly matchers: readonly LabelMatcher[];
}

export type ReadSelector =
  | { readonly ok: true; readonly selector: MetricSelector }
  /** A part of a sentence: "is not …". */
  | { readonly ok: false; readonly reason: string };

/** Longest text of a selector. */
export const selectorLengthMax = 1_000;

const namePattern = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*/;
const labelPattern = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*/y;
const valuePattern = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'/y;
const nextPattern = /\s*(?:,\s*(\})?|(\}))\s*/y;

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);

/** Why it cannot be read, where a value is expected otherwise. */
type Fault = string;

const take = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** Linear in time whatever the expression, as Prometheus' own; it must match the whole value. */
const accepting = (operator: Operator, value: string): LabelMatcher['accepts'] | Fault => {
  if (operator === '=') return (given) => given === value;
  if (operator === '!=') return (given) => given !== value;
  try {
    const expression = RE2JS.compile(value, RE2JS.DOTALL);
    const wanted = operator === '=~';
    return (given) => expression.matches(given) === wanted;
  } catch (error) {
    return `has an expression that RE2 does not know: ${(error as Error).message}`;
  }
};

const readMatchers = (text: string, from: number): readonly LabelMatcher[] | Fault => {
  const matchers: LabelMatcher[] = [];
  let at = from;
  if (/^\s*\}\s*$/.test(text.slice(at))) return matchers;
  for (;;) {
    const label = take(labelPattern, text, at);
    if (label === null) return `has no label and operator at ${rest(text, at)}`;
    at = labelPattern.lastIndex;
    const quoted = take(valuePattern, text, at);
    if (quoted === null) return `has no value in quotes at ${rest(text, at)}`;
    at = valuePattern.lastIndex;
    const [operator, value] = [label[2] as Operator, unescaped(quoted[1] ?? quoted[2] ?? '')];
    const accepts = accepting(operator, value);
    if (typeof accepts === 'string') return accepts;
    matchers.push({ label: label[1] ?? '', operator, value, accepts });
    const next = take(nextPattern, text, at);
    if (next === null) return `has no comma or brace at ${rest(text, at)}`;
    at = nextPattern.lastIndex;
    if ((next[1] ?? next[2]) === undefined) continue;
    return at === text.length ? matchers : 'goes on after its closing brace';
  }
};

const rest = (text: string, at: number): string => JSON.stringify(text.slice(at, at + 20));

/**
 * Reads an instant vector selector without offset: a metric's name, and optional matchers of its
 * labels by `=`, `!=`, `=~` or `!~`, whose expressions are RE2's.
 */
export const readMetricSelector = (text: string): ReadSelector => {
  if (text.length > selectorLengthMax) {
    return { ok: false, reason: `is longer than ${selectorLengthMax} characters` };
  }
  const named = namePattern.exec(text);
  if (named === null) return { ok: false, reason: 'does not begin with the name of a metric' };
  const name = named[1] ?? '';
  const at = named[0].length;
  if (at === text.length) return { ok: true, selector: { name, matchers: [] } };
  if (text[at] !== '{') {
    return { ok: false, reason: 'is more than a metric with labels: no functions, no ranges' };
  }
  const matchers = readMatchers(text, at + 1);
  return typeof matchers === 'string'
    ? { ok: false, reason: matchers }
    : { ok: true, selector: { name, matchers } };
};
