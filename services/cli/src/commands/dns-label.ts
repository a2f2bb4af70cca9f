/** Names of namespaces on the command line, and how a value that is refused is told. */
import { InvalidArgumentError } from 'commander';

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const labelAllowed = 'up to 63 of a-z, 0-9 and -, not - first or last';

/** Takes what has the pattern; the error says what is allowed. */
export const parserOf =
  (pattern: RegExp, allowed: string) =>
  (given: string): string => {
    if (pattern.test(given)) return given;
    throw new InvalidArgumentError(`allowed: ${allowed}.`);
  };

/** What hosts end with. */
export const parseDomain = parserOf(
  /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  'a DNS name in lower case',
);

export const parseNamespace = parserOf(label, `a namespace: ${labelAllowed}`);

/** Several, with commas between them. */
export const parseNamespaces = (given: string): readonly string[] =>
  given.split(',').map(parserOf(label, `namespaces with commas between: each ${labelAllowed}`));
