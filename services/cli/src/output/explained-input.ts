/** What a decision was made from, in the words and units that people use. */
import type { Policy } from '@flyball/contracts';
import type { ExplainedInput } from '@flyball/domain';
import { dateAndTime } from '@flyball/reading';
import { loadText } from './policy-value.ts';

export interface InputUnits {
  /** What is measured; undefined when it is not known any more. */
  readonly metric: Policy['metric'] | undefined;
  readonly nowMs: number;
}

type Value = NonNullable<ExplainedInput['value']>;
type Wording = readonly [label: string, text: (value: Value, units: InputUnits) => string];

/** Averages are measured in thousandths. */
const milli = 1_000;

const load: Wording[1] = (value, { metric }) =>
  loadText(Math.round(+value * milli) / milli, metric);
const plain = (value: Value): string => String(value);
const moment: Wording[1] = (value, { nowMs }) => dateAndTime(Number(value), nowMs);

const seenText = (value: Value): string => {
  if (value === 'blind') return 'blind: nobody could measure';
  return value === 'unobserved' ? 'unobserved: no pods, nothing held' : plain(value);
};

const words: Readonly<Record<string, Wording>> = {
  stableAverage: ['average over the stable window', load],
  panicAverage: ['average over the panic window', load],
  inFlight: ['at that moment', (value) => loadText(Number(value), 'concurrency')],
  targetValue: ['target of a pod', load],
  readyPods: ['pods ready', plain],
  startingPods: ['pods starting', plain],
  seen: ['averages are', seenText],
  coveredAtMs: ['measured through', moment],
  reachable: ['a route leads to it', (value) => (value === true ? 'yes' : 'no')],
  excessBurstCapacity: ['room beyond the burst capacity', load],
  activators: ['activators wanted', plain],
};

/** The label and the value, or undefined where nothing was given. */
export const inputWords = (
  { name, value }: ExplainedInput,
  units: InputUnits,
): readonly [string, string] | undefined => {
  if (value === null) return undefined;
  const [label, text] = words[name] ?? [name, plain];
  return [label, text(value, units)];
};
