/** Stories of the journal: what survives, what is taken back, what is refused. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { appendLine, openJournal } from './journal.ts';

const schema = z.strictObject({ n: z.int() });

describe('journal', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flyball-journal-'));
    path = join(folder, 'deep', 'entries.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives back what was appended', () => {
    const first = openJournal(path, schema);
    expect(first.entries).toEqual([]);
    first.journal.append({ n: 1 });
    first.journal.append({ n: 2 });
    first.journal.close();
    expect(openJournal(path, schema).entries).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('drops a last line that a kill has torn, and appends after it', () => {
    const first = openJournal(path, schema);
    first.journal.append({ n: 1 });
    first.journal.close();
    appendFileSync(path, '{"n":');
    const second = openJournal(path, schema);
    second.journal.append({ n: 3 });
    expect(openJournal(path, schema).entries).toEqual([{ n: 1 }, { n: 3 }]);
  });

  it('refuses a file with a broken line in its middle, naming the line', () => {
    openJournal(path, schema).journal.close();
    writeFileSync(path, '{"n":1}\n{"n":"two"}\n{"n":3}\n');
    expect(() => openJournal(path, schema)).toThrow(/entries\.jsonl line 2 cannot be read/);
  });

  it('rewrites as a whole and goes on', () => {
    const { journal } = openJournal(path, schema);
    for (let n = 0; n < 5; n += 1) journal.append({ n });
    journal.rewrite([{ n: 4 }]);
    journal.append({ n: 5 });
    expect(journal.lines).toBe(2);
    expect(readFileSync(path, 'utf8')).toBe('{"n":4}\n{"n":5}\n');
  });

  it.skipIf(!existsSync('/dev/full'))('names a full disk', () => {
    const full = openSync('/dev/full', 'a');
    expect(() => appendLine(full, '/data/objects.jsonl', '{}')).toThrow(
      expect.objectContaining({ code: 'DISK_FULL', retriable: true }),
    );
    closeSync(full);
  });
});
