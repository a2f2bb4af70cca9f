/** Plain columns, as kubectl prints them: easy to read, easy to cut. */
import { stripVTControlCharacters } from 'node:util';

const gap = 3;
const shownWidth = (text: string): number => stripVTControlCharacters(text).length;

/** Lines of columns, each as wide as its widest cell; the last one runs free. */
export const columnLines = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => shownWidth(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const isLast = column === row.length - 1;
        const padding = (widths[column] ?? 0) - shownWidth(cell) + gap;
        return isLast ? cell : cell + ' '.repeat(padding);
      })
      .join('')
      .trimEnd(),
  );
};
