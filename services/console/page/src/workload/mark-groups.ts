/** Marks that would lie on each other, as one with a count. */
import type { Mark, MarkKind } from '../../../src/wire.ts';

export interface MarkGroup {
  /** The gravest kind of its marks. */
  readonly kind: MarkKind;
  /** Where it is drawn: the moment of its first mark. */
  readonly atMs: number;
  readonly marks: readonly Mark[];
}

/** How each kind is drawn: a shape of its own, so that its colour is not needed. */
export const markShapes: Readonly<Record<MarkKind, { readonly sign: string; word: string }>> = {
  policy: { sign: '◆', word: 'policy change' },
  drift: { sign: '≠', word: 'drift' },
  'cold start': { sign: '✻', word: 'cold start' },
  lost: { sign: '✕', word: 'lost requests' },
  failed: { sign: '!', word: 'failure' },
};

/** The gravest first: a group looks like it. */
const gravity: readonly MarkKind[] = ['failed', 'lost', 'drift', 'cold start', 'policy'];

const gravest = (one: MarkKind, other: MarkKind): MarkKind =>
  gravity.indexOf(other) < gravity.indexOf(one) ? other : one;

/** Marks that are nearer to the group's first than `nearMs`. They are in order of time. */
export const markGroups = (marks: readonly Mark[], nearMs: number): readonly MarkGroup[] => {
  const groups: { kind: MarkKind; atMs: number; marks: Mark[] }[] = [];
  for (const mark of marks) {
    const { kind, atMs } = mark;
    const last = groups.at(-1);
    if (last === undefined || atMs - last.atMs >= nearMs)
      groups.push({ kind, atMs, marks: [mark] });
    else {
      last.marks.push(mark);
      last.kind = gravest(last.kind, kind);
    }
  }
  return groups;
};

const sentencesShown = 4;

/** A group in words: what its marks say, the first few of them. */
export const groupWords = ({ marks }: MarkGroup): string => {
  const told = marks
    .slice(0, sentencesShown)
    .map(({ kind, sentence }) => `${markShapes[kind].word}: ${sentence}`);
  const rest = marks.length - told.length;
  const all = (rest > 0 ? [...told, `${rest} more`] : told).join(' · ');
  return marks.length > 1 ? `${marks.length} marks: ${all}` : all;
};
