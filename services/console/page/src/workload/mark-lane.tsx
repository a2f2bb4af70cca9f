/** What happened to a workload, as signs above its charts; each of them chooses its moment. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Mark } from '../../../src/wire.ts';
import { clockTime } from '../format/time.ts';
import type { Stretch } from '../routing/shown-range.ts';
import { axisPx, endPx } from './chart-options.ts';
import { groupWords, markGroups, markShapes } from './mark-groups.ts';

/** Signs are as wide as a finger needs; nearer ones would hide each other. */
const signPx = 26;

/** The width of an element, followed as it changes. */
const useWidthPx = () => {
  const place = useRef<HTMLUListElement>(null);
  const [widthPx, setWidth] = useState(800);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const look = () => setWidth(element.clientWidth || 800);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { place, widthPx };
};

export interface MarkLaneProps {
  readonly marks: readonly Mark[];
  readonly stretch: Stretch;
  readonly onChoose: (atMs: number) => void;
}

export const MarkLane = ({ marks, stretch, onChoose }: MarkLaneProps) => {
  const { place, widthPx } = useWidthPx();
  const lengthMs = stretch.toMs - stretch.fromMs;
  const shown = marks.filter(({ atMs }) => atMs >= stretch.fromMs && atMs <= stretch.toMs);
  return (
    <ul
      ref={place}
      class="mark-lane"
      aria-label="What happened"
      style={{ marginLeft: `${axisPx}px`, marginRight: `${endPx}px` }}
    >
      {markGroups(shown, (lengthMs * signPx) / widthPx).map((group) => {
        const words = `${clockTime(group.atMs)} ${groupWords(group)}`;
        const { sign } = markShapes[group.kind];
        return (
          <li
            key={group.marks[0]?.eventId}
            style={{ left: `${((group.atMs - stretch.fromMs) / lengthMs) * 100}%` }}
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
