/** A span as a bar on an axis of characters. */

/** Eighths of a character, from none. */
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;
const full = '█';

export interface Axis {
  readonly totalMs: number;
  /** In characters. */
  readonly width: number;
}

export interface BarSpan {
  /** From the beginning of the axis. */
  readonly offsetMs: number;
  readonly durationMs: number;
}

const within = (value: number, max: number): number => Math.max(0, Math.min(value, max));

/** At most `width` characters, without spaces at the end; also the shortest span is seen. */
export const spanBar = ({ offsetMs, durationMs }: BarSpan, { totalMs, width }: Axis): string => {
  if (width <= 0) return '';
  const perMs = totalMs > 0 ? width / totalMs : 0;
  const start = within(Math.floor(offsetMs * perMs), width - 1);
  const end = within((offsetMs + durationMs) * perMs, width);
  const length = Math.max(1, Math.round((end - start) * eighths.length));
  const part = eighths[length % eighths.length] ?? '';
  return ' '.repeat(start) + full.repeat(Math.floor(length / eighths.length)) + part;
};
