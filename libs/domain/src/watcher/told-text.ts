/** Texts from outside, as long as an event may tell them: each must fit into one message. */

/** Of what a user wrote: a path, a key, a value. */
const givenCharsMax = 256;
/** Of a sentence, which may hold what a user or the platform wrote. */
const sentenceCharsMax = 512;

const cut = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : `${text.slice(0, charsMax - 1).toWellFormed()}…`;

/** What a user wrote; of more than can be told the beginning, and … */
export const toldGiven = (text: string): string => cut(text, givenCharsMax);

/** A sentence; of more than can be told the beginning, and … */
export const toldSentence = (text: string): string => cut(text, sentenceCharsMax);
