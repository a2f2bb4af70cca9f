/** The corpus of named hard connections: bytes with \r, \n, \t, \0, \\ and \xNN spelled. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface HardConnection {
  readonly name: string;
  /** Latin1, with HOST for the host that is asked for. */
  readonly text: string;
}

const folder = join(import.meta.dirname, '../corpus/http');
const spelled: Readonly<Record<string, string>> = {
  r: '\r',
  n: '\n',
  t: '\t',
  0: '\0',
  '\\': '\\',
};

/** Line ends of the file are for its readers; those of the connection are spelled. */
const bytesOf = (text: string): string =>
  text
    .replaceAll('\n', '')
    .replace(/\\(?:x([0-9a-f]{2})|([rnt0\\]))/g, (_all, hex?: string, letter?: string) =>
      hex === undefined
        ? (spelled[letter ?? ''] ?? '')
        : String.fromCharCode(Number.parseInt(hex, 16)),
    );

export const hardConnections: readonly HardConnection[] = globSync('*.txt', { cwd: folder })
  .sort()
  .map((file) => ({
    name: basename(file, '.txt').replaceAll('-', ' '),
    text: bytesOf(readFileSync(join(folder, file), 'utf8')),
  }));
