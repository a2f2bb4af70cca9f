/** What is printed to be copied, read back by a real shell. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellQuoted } from './shell-quoted.ts';

it.each(['/tmp/my data', "it's", '$HOME', 'a;b', '', '*'])('%j comes back', (word) => {
  const text = `printf %s ${shellQuoted(word)}`;
  expect(execFileSync('sh', ['-c', text], { encoding: 'utf8' })).toBe(word);
});

it('leaves plain words alone', () => expect(shellQuoted('.flyball/demo')).toBe('.flyball/demo'));
