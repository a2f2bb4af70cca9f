/** Everything that the command says goes through here: colours only where a person looks. */
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

export interface Terminal {
  /** A person looks: colours, live redrawing. */
  readonly isInteractive: boolean;
  readonly columns: number;
  /** A line to stdout. */
  line(text?: string): void;
  /** A line to stderr: progress and complaints, never results; styled where a person reads them. */
  note(text: string, style?: Style): void;
  /** Text for stdout in a style, or as it is where nobody looks. */
  styled(style: Style, text: string): string;
}

const defaultColumns = 100;

export interface TerminalStreams {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** NO_COLOR is set and not empty, as https://no-color.org has it. */
  readonly noColor: boolean;
}

export const createTerminal = ({ stdout, stderr, noColor }: TerminalStreams): Terminal => {
  const isInteractive = stdout.isTTY === true;
  const styledFor =
    ({ isTTY }: { readonly isTTY?: boolean }): Terminal['styled'] =>
    (style, text) =>
      isTTY === true && !noColor ? styleText(style, text, { validateStream: false }) : text;
  const noted = styledFor(stderr);
  return {
    isInteractive,
    get columns() {
      return stdout.columns ?? defaultColumns;
    },
    line: (text = '') => void stdout.write(`${text}\n`),
    note: (text, style) =>
      void stderr.write(`${style === undefined ? text : noted(style, text)}\n`),
    styled: styledFor(stdout),
  };
};
