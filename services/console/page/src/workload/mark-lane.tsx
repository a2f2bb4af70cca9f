/** What happened to a workload, as signs above its charts; each of them chooses its moment. */
import type { Mark } from '../../../src/wire.ts';
import { clockTime } from '../format/time.ts';
import { axisPx, endPx } from './chart-options.ts';
import { groupWords, markGroups, markShapes } from './mark-groups.ts';
import type { Span } from './time-range.ts';

/** Signs nearer than this share of the width would touch. */
const nearShare = 0.022;

export interface MarkLaneProps {
  readonly marks: readonly Mark[];
  readonly span: Span;
  readonly onChoose: (atMs: number) => void;
}

export const MarkLane = ({ marks, span, onChoose }: MarkLaneProps) => {
  const lengthMs = span.toMs - span.fromMs;
  const shown = marks.filter(({ atMs }) => atMs >= span.fromMs && atMs <= span.toMs);
  return (
    <ul
      class="mark-lane"
      aria-label="What happened"
      style={{ marginLeft: `${axisPx}px`, marginRight: `${endPx}px` }}
    >
      {markGroups(shown, lengthMs * nearShare).map((group) => {
        const words = `${clockTime(group.atMs)} ${groupWords(group)}`;
        const { sign } = markShapes[group.kind];
        return (
          <li
            key={`${group.kind} ${group.atMs}`}
            style={{ left: `${((group.atMs - span.fromMs) / lengthMs) * 100}%` }}
          >
            <button
              type="button"
              class={`mark is-${group.kind.replace(' ', '-')}`}
              title={words}
              aria-label={words}
              onClick={() => onChoose(group.atMs)}
            >
              {sign}
              {group.marks.length > 1 && <small>{group.marks.length}</small>}
            </button>
          </li>
        );
      })}
    </ul>
  );
};

/** The signs and what they stand for. */
export const MarkKey = () => (
  <ul class="mark-key" aria-label="Signs">
    {Object.entries(markShapes).map(([kind, { sign, word }]) => (
      <li key={kind}>
        <span class={`mark is-${kind.replace(' ', '-')}`} aria-hidden="true">
          {sign}
        </span>
        {word}
      </li>
    ))}
  </ul>
);
