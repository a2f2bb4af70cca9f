/** A terminal that keeps what it is told. */
import type { Terminal } from '../output/terminal.ts';

export interface CapturedTerminal extends Terminal {
  readonly lines: string[];
  readonly notes: string[];
}

export const captureTerminal = (): CapturedTerminal => {
  const lines: string[] = [];
  const notes: string[] = [];
  return {
    isInteractive: false,
    columns: 100,
    lines,
    notes,
    line: (text = '') => void lines.push(text),
    note: (text) => void notes.push(text),
    styled: (_style, text) => text,
  };
};
