/** A word as a shell takes it: what is printed to be copied works as it stands. */

/** The word itself where no shell reads anything into it, else in single quotes. */
export const shellQuoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
