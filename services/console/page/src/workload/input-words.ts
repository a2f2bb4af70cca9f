/** What a decision was made from, in the words of `flyball explain`. */
import type { Explanation, Series } from '../../../src/wire.ts';
import { loadUnit } from '../format/amount.ts';
import { timeOfDay } from '../format/time.ts';

export type ExplainedInput = NonNullable<Explanation['decision']>['inputs'][number];
type Value = NonNullable<ExplainedInput['value']>;
type Metric = Series['metric'];

const rounded = (value: Value): string => String(Math.round(Number(value) * 1_000) / 1_000);
const plain = (value: Value): string => String(value);
const inUnits = (value: Value, metric: Metric): string => `${rounded(value)} ${loadUnit(metric)}`;

const seenWords: Readonly<Record<string, string>> = {
  blind: 'blind: nobody could measure',
  unobserved: 'unobserved: no pods, nothing held',
};

const words: Readonly<Record<string, readonly [string, (value: Value, metric: Metric) => string]>> =
  {
    stableAverage: ['average over the stable window', inUnits],
    panicAverage: ['average over the panic window', inUnits],
    inFlight: ['at that moment', (value) => `${rounded(value)} in flight`],
    targetValue: ['target of a pod', inUnits],
    readyPods: ['pods ready', plain],
    startingPods: ['pods starting', plain],
    seen: ['averages are', (value) => seenWords[String(value)] ?? plain(value)],
    coveredAtMs: ['measured through', (value) => timeOfDay(Number(value))],
    reachable: ['a route leads to it', (value) => (value === true ? 'yes' : 'no')],
    excessBurstCapacity: ['room beyond the burst capacity', inUnits],
    activators: ['activators wanted', plain],
  };

/** The label and the value; undefined where nothing was given. */
export const inputWords = (
  { name, value }: ExplainedInput,
  metric: Metric,
): readonly [label: string, text: string] | undefined => {
  if (value === null) return undefined;
  const [label, text] = words[name] ?? [name, plain];
  return [label, text(value, metric)];
};

/** `0 → 5`, `stays 5`, or the number alone where nothing was before it. */
export const movedWords = (from: number | null, to: number): string => {
  if (from === null) return String(to);
  return from === to ? `stays ${to}` : `${from} → ${to}`;
};
