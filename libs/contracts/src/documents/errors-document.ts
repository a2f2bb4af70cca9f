/** docs/errors.md: every code of an outside error. */
import { outsideErrors } from '../outside-error.ts';
import { generatedNotice, table } from './markdown.ts';

export const errorsDocument = (): string => `${generatedNotice}

# Errors of the outside world

Bugs stop the process (it restarts from the log), refusals are values that the caller handles, and
everything that goes wrong outside Flyball is one of these.

${table(
  ['code', 'meaning, and what to do'],
  Object.entries(outsideErrors).map(([code, text]) => [`\`${code}\``, text]),
)}
`;
