/** Reads PromQL by its grammar: which metrics and labels it uses, and which labels it gives. */

import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** The labels of a metric, its target's included; undefined: there is no such metric. */
export type KnownMetrics = (metric: string) => ReadonlySet<string> | undefined;

export interface CheckedQuery {
  /** Nothing where all of it is known. */
  readonly problems: readonly string[];
  /** What the series that it gives may be told apart by. */
  readonly labels: ReadonlySet<string>;
  readonly metrics: readonly string[];
}

interface Reading {
  readonly text: string;
  readonly known: KnownMetrics;
  readonly problems: string[];
  readonly metrics: string[];
}

type Labels = ReadonlySet<string>;

const none: Labels = new Set();

const childrenOf = (node: SyntaxNode): SyntaxNode[] => {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
};

const textOf = ({ text }: Reading, node: SyntaxNode): string => text.slice(node.from, node.to);

const labelNamesIn = (reading: Reading, node: SyntaxNode): readonly string[] =>
  childrenOf(node)
    .filter(({ name }) => name === 'LabelName')
    .map((label) => textOf(reading, label));

const union = (all: readonly Labels[]): Labels => new Set(all.flatMap((labels) => [...labels]));

const expectLabels = (reading: Reading, used: readonly string[], known: Labels, of: string) => {
  for (const label of used) {
    if (!known.has(label)) reading.problems.push(`${of} has no label ${label}`);
  }
};

const ofSelector = (reading: Reading, node: SyntaxNode): Labels => {
  const identifier = node.getChild('Identifier');
  if (identifier === null) {
    reading.problems.push(`${textOf(reading, node)} names no metric`);
    return none;
  }
  const metric = textOf(reading, identifier);
  reading.metrics.push(metric);
  const known = reading.known(metric);
  if (known === undefined) {
    reading.problems.push(`there is no metric ${metric}`);
    return none;
  }
  const matchers = node.getChild('LabelMatchers');
  const used = matchers === null ? [] : childrenOf(matchers);
  expectLabels(
    reading,
    used.flatMap((matcher) => labelNamesIn(reading, matcher)),
    known,
    metric,
  );
  return known;
};

/** Those that choose among the series, and give them as they are. */
const choosing = new Set(['Topk', 'Bottomk', 'Limitk']);

const ofAggregate = (reading: Reading, node: SyntaxNode): Labels => {
  const body = node.getChild('FunctionCallBody');
  const inner = body === null ? none : union(childrenOf(body).map((one) => labelsOf(reading, one)));
  const operation = node.getChild('AggregateOp')?.firstChild?.name ?? '';
  if (choosing.has(operation)) return inner;
  const modifier = node.getChild('AggregateModifier');
  const grouping = modifier?.getChild('GroupingLabels') ?? null;
  const named = grouping === null ? [] : labelNamesIn(reading, grouping);
  expectLabels(reading, named, inner, textOf(reading, node));
  if (modifier?.getChild('Without') == null) return new Set(named);
  return new Set([...inner].filter((label) => !named.includes(label)));
};

const ofFunction = (reading: Reading, node: SyntaxNode): Labels => {
  const name = node.getChild('FunctionIdentifier')?.firstChild?.name ?? '';
  const body = node.getChild('FunctionCallBody');
  const given = body === null ? [] : childrenOf(body);
  const inner = union(given.map((one) => labelsOf(reading, one)));
  if (name === 'LabelReplace') {
    const [target = ''] = given
      .filter((one) => one.name === 'StringLiteral')
      .map((one) => textOf(reading, one).slice(1, -1));
    return new Set([...inner, target]);
  }
  if (name === 'HistogramQuantile') {
    expectLabels(reading, ['le'], inner, textOf(reading, node));
    return new Set([...inner].filter((label) => label !== 'le'));
  }
  return ['Absent', 'Scalar', 'Vector', 'Time'].includes(name) ? none : inner;
};

/** What is set beside what: the left one's labels, unless it is a number; `or` may give either. */
const ofBinary = (reading: Reading, node: SyntaxNode): Labels => {
  const modifier = node.getChild('MatchingModifierClause');
  const sides = childrenOf(node).filter((one) => /Expr$|Selector$|FunctionCall$/.test(one.name));
  const labels = sides.map((side) => labelsOf(reading, side));
  for (const grouping of modifier?.getChildren('GroupingLabels') ?? []) {
    const named = labelNamesIn(reading, grouping);
    expectLabels(reading, named, union(labels), textOf(reading, node));
  }
  return node.getChild('Or') === null ? (labels[0] ?? none) : union(labels);
};

function labelsOf(reading: Reading, node: SyntaxNode): Labels {
  switch (node.name) {
    case 'VectorSelector':
      return ofSelector(reading, node);
    case 'AggregateExpr':
      return ofAggregate(reading, node);
    case 'FunctionCall':
      return ofFunction(reading, node);
    case 'BinaryExpr':
      return ofBinary(reading, node);
    default:
      return union(childrenOf(node).map((child) => labelsOf(reading, child)));
  }
}

/** Reads all of it; what does not parse is a problem like an unknown name. */
export const checkQuery = (text: string, known: KnownMetrics): CheckedQuery => {
  const reading: Reading = { text, known, problems: [], metrics: [] };
  const tree = parser.parse(text);
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) reading.problems.push(`it does not parse at ${from}: ${text.slice(from)}`);
    },
  });
  const labels = labelsOf(reading, tree.topNode);
  const { problems, metrics } = reading;
  return { problems, labels, metrics };
};
