/** One figure of a benchmark: what is measured, what it must reach, what came out. */
import { type Summary, summarize } from './statistics.ts';

export interface Figure {
  /** Names it in the JSON file, so that two runs can be compared. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** The bar as people read it; empty when none is set. */
  readonly bar: string;
  /** What Knative reaches, as people read it. */
  readonly knative: string;
  /** Knative's median in the same unit, for the ratio. */
  readonly knativeP50?: number;
  /** Whether the bar is met; a figure without one is only printed. */
  readonly meets?: (summary: Summary) => boolean;
}

/** What a run measured for one figure. */
export interface Measured {
  readonly figure: Figure;
  readonly values: readonly number[];
  /** Why it could not be measured, or what a reader must know. */
  readonly note?: string;
}

export type Verdict = 'met' | 'MISSED' | 'not measured' | '';

export const verdictOf = ({ figure, values }: Measured): Verdict => {
  const summary = summarize(values);
  if (summary === undefined) return 'not measured';
  if (figure.meets === undefined) return '';
  return figure.meets(summary) ? 'met' : 'MISSED';
};
