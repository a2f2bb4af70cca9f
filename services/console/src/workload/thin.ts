/** Fewer points that look the same: of each stretch its ends and its extremes. */
import type { Point } from '../wire.ts';

/** More are more than a screen has pixels. */
export const pointsMax = 2_000;

/** What stays of one stretch: its ends, its extremes, and its first gap. */
const perStretch = 5;

const keptOf = (stretch: readonly Point[]): readonly Point[] => {
  const known = stretch.filter(([, value]) => value !== null);
  const byValue = (sign: 1 | -1) =>
    known.reduce<Point | undefined>(
      (best, point) =>
        best === undefined || sign * ((point[1] ?? 0) - (best[1] ?? 0)) > 0 ? point : best,
      undefined,
    );
  const gap = stretch.find(([, value]) => value === null);
  const kept = new Set([stretch[0], byValue(-1), byValue(1), gap, stretch.at(-1)]);
  return stretch.filter((point) => kept.has(point));
};

/** At most `most` points (2,000), in their order; no burst is lost, and no gap is closed. */
export const thin = (points: readonly Point[], most = pointsMax): readonly Point[] => {
  if (points.length <= most) return points;
  const size = Math.ceil(points.length / Math.max(1, Math.floor(most / perStretch)));
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) =>
    keptOf(points.slice(index * size, (index + 1) * size)),
  ).flat();
};
