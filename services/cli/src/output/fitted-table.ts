/** A table higher than the screen: its head, its first lines, and how many more there are. */
import { stripVTControlCharacters } from 'node:util';

export interface Screen {
  readonly rows: number;
  readonly columns: number;
}

/** Lines of the screen that a line takes: a wide one is wrapped. */
const heightOf = (line: string, { columns }: Screen): number =>
  Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns));

/**
 * The head and as many of the lines as fit above the foot. What does not fit is counted in a line
 * of its own, worded by `andMore`.
 */
export const fittedTable = (
  screen: Screen,
  [head = '', ...lines]: readonly string[],
  foot: readonly string[],
  andMore: (count: number) => string,
): readonly string[] => {
  const height = (some: readonly string[]): number =>
    some.reduce((sum, line) => sum + heightOf(line, screen), 0);
  if (height([head, ...lines, ...foot]) < screen.rows) return [head, ...lines, ...foot];
  const shown: string[] = [];
  let room = screen.rows - 1 - height([head, ...foot, andMore(lines.length)]);
  for (const line of lines) {
    room -= heightOf(line, screen);
    if (room < 0) break;
    shown.push(line);
  }
  return [head, ...shown, andMore(lines.length - shown.length), ...foot];
};
