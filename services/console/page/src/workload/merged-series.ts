/** A series and what came after it, so that a page that goes on asks for the newest part only. */
import type { Series } from '../../../src/wire.ts';

type Timed = readonly [atMs: number, ...rest: unknown[]];

/** What was told later for the same time is right: the log is read, not guessed. */
const continued = <Entry extends Timed>(
  before: readonly Entry[],
  tail: readonly Entry[],
  fromMs: number,
  oldestMs: number,
): readonly Entry[] => {
  const kept = before.filter(([atMs]) => atMs <= fromMs);
  // A tail begins with what holds at its beginning, which is known already.
  const told = tail.filter(([atMs]) => atMs > fromMs || kept.length === 0);
  const all = [...kept, ...told];
  // One entry from before the stretch stays: steps hold from there.
  const first = all.findLastIndex(([atMs]) => atMs <= oldestMs);
  return all.slice(Math.max(0, first));
};

type Panic = Series['panics'][number];

const joinedPanics = (
  before: readonly Panic[],
  tail: readonly Panic[],
  fromMs: number,
): readonly Panic[] => {
  const isOver = ([, toMs]: Panic) => toMs !== null && toMs < fromMs;
  const open = before.find((panic) => !isOver(panic));
  const [first, ...others] = tail;
  // A panic that began before the tail goes on in it: it is one.
  const joined: Panic[] =
    first === undefined
      ? []
      : [open === undefined ? first : [Math.min(open[0], first[0]), first[1]], ...others];
  return [...before.filter(isOver), ...joined];
};

/**
 * `series` up to the beginning of `tail`, and then `tail`; nothing from before `oldestMs`. A tail
 * that begins there tells all of it: between the two there may be time that neither tells.
 */
export const mergedSeries = (series: Series, tail: Series, oldestMs: number): Series => {
  const { fromMs } = tail;
  if (fromMs <= oldestMs) return tail;
  const join = <Entry extends Timed>(pick: (from: Series) => readonly Entry[]) =>
    continued(pick(series), pick(tail), fromMs, oldestMs);
  const told = new Set(tail.marks.map(({ eventId }) => eventId));
  const marks = series.marks.filter(
    ({ atMs, eventId }) => atMs >= oldestMs && atMs < fromMs && !told.has(eventId),
  );
  return {
    ...tail,
    fromMs: Math.max(oldestMs, Math.min(series.fromMs, fromMs)),
    concurrency: join((from) => from.concurrency),
    stable: join((from) => from.stable),
    panic: join((from) => from.panic),
    target: join((from) => from.target),
    wanted: join((from) => from.wanted),
    applied: join((from) => from.applied),
    ready: join((from) => from.ready),
    waiting: join((from) => from.waiting),
    panics: joinedPanics(series.panics, tail.panics, fromMs).filter(
      ([, toMs]) => toMs === null || toMs >= oldestMs,
    ),
    marks: [...marks, ...tail.marks],
    isThinned: series.isThinned || tail.isThinned,
  };
};
