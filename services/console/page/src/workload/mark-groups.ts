/** Marks that would lie on each other, as one with a count. */
import type { Mark, MarkKind } from '../../../src/wire.ts';

export interface MarkGroup {
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

/** Marks of one kind that are nearer to the group's first than `nearMs`. They are in order. */
export const markGroups = (marks: readonly Mark[], nearMs: number): readonly MarkGroup[] => {
  const groups: { kind: MarkKind; atMs: number; marks: Mark[] }[] = [];
  const newest = new Map<MarkKind, (typeof groups)[number]>();
  for (const mark of marks) {
    const last = newest.get(mark.kind);
    if (last !== undefined && mark.atMs - last.atMs < nearMs) last.marks.push(mark);
    else {
      const group = { kind: mark.kind, atMs: mark.atMs, marks: [mark] };
      newest.set(mark.kind, group);
      groups.push(group);
    }
  }
  return groups;
};

const sentencesShown = 4;

/** A group in words: what its marks say, the first few of them. */
export const groupWords = ({ kind, marks }: MarkGroup): string => {
  const told = marks.slice(0, sentencesShown).map(({ sentence }) => sentence);
  const rest = marks.length - told.length;
  const count = marks.length > 1 ? `${marks.length} × ` : '';
  const all = rest > 0 ? [...told, `${rest} more`] : told;
  return `${count}${markShapes[kind].word}: ${all.join(' · ')}`;
};
