/** A sparkline as the path of an SVG: a line with gaps where nothing was measured. */
import type { Spark } from '../../../src/wire.ts';

export interface SparkBox {
  readonly widthPx: number;
  readonly heightPx: number;
  /** How many values the whole width is; the newest is at its right end. */
  readonly length: number;
}

const short = (value: number): string => String(Math.round(value * 10) / 10);

/** The line itself, and the same closed at the bottom as an area; empty without values. */
export const sparkPath = (
  spark: Spark,
  { widthPx, heightPx, length }: SparkBox,
): { readonly line: string; readonly area: string } => {
  const values = spark.slice(-length);
  const most = values.reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
  const stepPx = widthPx / Math.max(1, length - 1);
  const firstPx = widthPx - (values.length - 1) * stepPx;
  const pieces: string[][] = [];
  let isGap = true;
  values.forEach((value, index) => {
    if (value !== null) {
      const y = heightPx - (most === 0 ? 0 : (value / most) * heightPx);
      if (isGap) pieces.push([]);
      pieces.at(-1)?.push(`${short(firstPx + index * stepPx)} ${short(y)}`);
    }
    isGap = value === null;
  });
  // One value alone is a point: a line without a length, which round ends make visible.
  const line = pieces.map((points) => `M${points.join('L')}${points.length === 1 ? 'h0' : ''}`);
  const area = pieces.map((points) => {
    const [first = '', last = ''] = [points[0], points.at(-1)].map((point) => point?.split(' ')[0]);
    return `M${first} ${heightPx}L${points.join('L')}L${last} ${heightPx}Z`;
  });
  return { line: line.join(''), area: area.join('') };
};
