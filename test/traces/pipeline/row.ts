/** One line of a told story: what happened when to whom, in the columns that a person reads. */
import { startMs } from './play.ts';

export interface Row {
  /** undefined: it belongs to the line before it. */
  readonly atMs: number | undefined;
  readonly workload: string;
  readonly event: string;
  /** `1 → 5`; `5` where nothing was before. */
  readonly change: string;
  readonly mode: string;
  readonly routing: string;
  readonly rule: string;
  readonly why: string;
}

/** Lines that stay together: what happened, and the rules that led to it. */
export type Block = readonly [Row, ...Row[]];

/** A line that tells only what it is given. */
export const rowOf = (told: Partial<Row>): Row => ({
  atMs: undefined,
  workload: '',
  event: '',
  change: '',
  mode: '',
  routing: '',
  rule: '',
  why: '',
  ...told,
});

/** A number before and after, the way that a column of them lines up. */
export const changeOf = (from: number | null, to: number): string =>
  from === null ? `${to}` : `${from} → ${to}`;

/** Seconds since the story began. */
export const secondsOf = (atMs: number): number => (atMs - startMs) / 1000;

/** `a, b`, without what has nothing to say. */
export const listed = (parts: readonly (string | false | null | undefined)[]): string =>
  parts.filter((part) => typeof part === 'string' && part !== '').join(', ');
