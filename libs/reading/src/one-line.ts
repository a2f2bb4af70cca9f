/** Text from outside as a terminal may be given it: one line, no control characters. */
import { stripVTControlCharacters } from 'node:util';

/** Escape sequences are taken out; every other run of control characters and spaces is one. */
export const oneLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
