/** Explaining a decision is reading it: the sentence, what it was made from, each rule in order. */
import type { FlyballEvent } from '@flyball/contracts';

export interface ExplainedInput {
  readonly name: string;
  readonly value: string | number | boolean | null;
  readonly unit: string;
}

export interface ExplainedRule {
  readonly rule: string;
  /** null for the rule that the path starts with. */
  readonly from: number | null;
  readonly to: number;
  readonly why: string;
  /** The rule that had the last say. */
  readonly binding: boolean;
}

export interface Explained {
  /** `0 → 5: 50 in flight ÷ 10 a pod = 5; panic begins`. */
  readonly headline: string;
  readonly sentence: string;
  /** Why the activator is in the path, or is not; empty under algorithm 1. */
  readonly routingReason: string;
  readonly inputs: readonly ExplainedInput[];
  readonly rules: readonly ExplainedRule[];
  /** The whole of it as plain text, one line each, for those without a better display. */
  readonly lines: readonly string[];
}

const headlineOf = ({ from, to, mode, routing, changed }: Decision): string => {
  const held = from === to ? `stays at ${to}` : `${from ?? 'new'} → ${to}`;
  const told = [
    ...(changed.includes('mode') ? [`${mode} mode`] : []),
    ...(changed.includes('routing') ? [`through the ${routing}`] : []),
  ];
  return [held, ...told].join(', ');
};

type Decision = FlyballEvent<'Decided'>['data'];

const inputsOf = ({ inputs, excessBurstCapacity, activators }: Decision): ExplainedInput[] => [
  { name: 'stableAverage', value: inputs.stableAverage, unit: '' },
  { name: 'panicAverage', value: inputs.panicAverage, unit: '' },
  { name: 'inFlight', value: inputs.inFlight, unit: 'requests' },
  { name: 'targetValue', value: inputs.targetValue, unit: 'a pod' },
  { name: 'readyPods', value: inputs.readyPods, unit: 'pods' },
  { name: 'startingPods', value: inputs.startingPods, unit: 'pods' },
  { name: 'seen', value: inputs.seen, unit: '' },
  { name: 'coveredAtMs', value: inputs.coveredAtMs, unit: 'ms' },
  { name: 'reachable', value: inputs.reachable, unit: '' },
  { name: 'excessBurstCapacity', value: excessBurstCapacity, unit: 'requests' },
  { name: 'activators', value: activators, unit: '' },
];

const ruleLine = ({ rule, from, to, why, binding }: ExplainedRule): string => {
  const moved = from === null ? `${to}` : `${from} → ${to}`;
  return `${binding ? '▸' : ' '} ${rule.padEnd(18)} ${moved.padEnd(10)} ${why}`;
};

/** Reads a decision; works out nothing again, so that it tells what was decided then. */
export const explainDecision = (decided: FlyballEvent<'Decided'>): Explained => {
  const { data } = decided;
  const last = data.rules.length - 1;
  const rules = data.rules.map((rule, index) => ({ ...rule, binding: index === last }));
  const inputs = inputsOf(data);
  const headline = headlineOf(data);
  return {
    headline,
    sentence: data.reason,
    routingReason: data.routingReason,
    inputs,
    rules,
    lines: [
      `${headline}: ${data.reason}`,
      ...(data.routingReason === '' ? [] : [`routing: ${data.routingReason}`]),
      ...inputs
        .filter(({ value }) => value !== null)
        .map(({ name, value, unit }) => `  ${name.padEnd(20)} ${value} ${unit}`.trimEnd()),
      ...rules.map(ruleLine),
    ],
  };
};
