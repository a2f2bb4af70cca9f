/** Splits a command line into words as a shell does, without being one. */

/** A program and its arguments, or why there are none. */
export type SplitCommand = { readonly words: readonly string[] } | { readonly problem: string };

const shellOnly = /[|&;<>()`]/;

const needsShell = (character: string): string =>
  `${character} needs a shell, and commands run without one; write ["sh", "-c", "…"]`;

/**
 * Words are separated by blanks; `'…'` is taken as it is, in `"…"` a backslash keeps `"` and `\`,
 * outside of quotes it keeps any character. Nothing is expanded; what only a shell can do
 * (pipes, `&&`, redirection, `$NAME`) is refused rather than passed on as a word.
 */
export const splitCommand = (line: string): SplitCommand => {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      const quoted = readQuoted(line, at);
      if (quoted === undefined) return { problem: `the quote ${character} is never closed` };
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (character === '\\') {
      at += 1;
      if (at === line.length) return { problem: 'it ends in a backslash' };
      word = (word ?? '') + line.charAt(at);
    } else if (shellOnly.test(character) || /^\$[A-Za-z_{]/.test(line.slice(at, at + 2))) {
      return { problem: needsShell(character) };
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return words.length === 0 ? { problem: 'it is empty' } : { words };
};

/** The text between the quote at `start` and its match, and where that is. */
const readQuoted = (line: string, start: number): { text: string; end: number } | undefined => {
  const quote = line.charAt(start);
  let text = '';
  for (let at = start + 1; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === quote) return { text, end: at };
    const next = line.charAt(at + 1);
    const escaped = quote === '"' && character === '\\' && (next === '"' || next === '\\');
    text += escaped ? next : character;
    if (escaped) at += 1;
  }
  return undefined;
};
