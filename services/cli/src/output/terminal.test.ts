/** Colours go only where a person looks, each stream by itself. */
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createTerminal } from './terminal.ts';

const keeping = (isTTY: boolean) => {
  const written: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      written.push(String(chunk));
      done();
    },
  });
  return { written, stream: Object.assign(stream, { isTTY }) };
};

/** A line and a note in red, as each stream was given it. */
const written = (onTerminal: { stdout: boolean; stderr: boolean }, noColor = false) => {
  const [stdout, stderr] = [keeping(onTerminal.stdout), keeping(onTerminal.stderr)];
  const terminal = createTerminal({ stdout: stdout.stream, stderr: stderr.stream, noColor });
  terminal.line(terminal.styled('red', 'line'));
  terminal.note('note', 'red');
  terminal.note('plain');
  return [...stdout.written, ...stderr.written].map((text) => text.trimEnd());
};

const red = (text: string) => `\x1b[31m${text}\x1b[39m`;

it.each([
  [{ stdout: true, stderr: true }, [red('line'), red('note'), 'plain']],
  [{ stdout: true, stderr: false }, [red('line'), 'note', 'plain']],
  [{ stdout: false, stderr: true }, ['line', red('note'), 'plain']],
  [{ stdout: false, stderr: false }, ['line', 'note', 'plain']],
])('on terminals %j', (onTerminal, expected) => {
  expect(written(onTerminal)).toEqual(expected);
});

it('are not wanted with NO_COLOR', () => {
  expect(written({ stdout: true, stderr: true }, true)).toEqual(['line', 'note', 'plain']);
});
