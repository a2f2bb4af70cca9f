/** Nothing is too large to be read at once. */
import { describe, expect, test } from 'vitest';
import { largeFiles, longFunctions, longLines } from './rules/sizes.ts';
import { codeFiles } from './source-files.ts';

const planted = (text: string) => ({ path: 'planted.ts', text });

test('there is code to look at', () => {
  expect(codeFiles.length).toBeGreaterThan(20);
});

test('no file has more than 300 lines', () => {
  expect(codeFiles.flatMap(largeFiles)).toEqual([]);
});

test('no function has more than 60 lines', () => {
  expect(codeFiles.flatMap(longFunctions)).toEqual([]);
});

test('no line has more than 100 columns', () => {
  expect(codeFiles.flatMap(longLines)).toEqual([]);
});

describe('the rules see what is too large', () => {
  const lines = (count: number) => 'work();\n'.repeat(count);

  test('a file', () => {
    expect(largeFiles(planted(lines(300)))).toEqual([]);
    expect(largeFiles(planted(lines(301)))).toEqual(['planted.ts: 301 lines, at most 300']);
  });

  test.each([
    (body: string) => `const f = () => {\n${body}};`,
    (body: string) => `const o = { async f() {\n${body}} };`,
    (body: string) => `class C { static f = function* () {\n${body}} }`,
    (body: string) => `test('x', () => {\n${body}});`,
  ])('a function, %#', (wrap) => {
    expect(longFunctions(planted(wrap(lines(58))))).toEqual([]);
    expect(longFunctions(planted(wrap(lines(59))))).toEqual(['planted.ts:1: 61 lines, at most 60']);
  });

  test('but not a chapter of tests', () => {
    const chapter = `test.each([1])('y', f);\n${lines(99)}`;
    expect(longFunctions(planted(`describe('x', () => {\n${chapter}});`))).toEqual([]);
    expect(longFunctions(planted(`export const suite = () => {\n${chapter}};`))).toEqual([]);
    expect(longFunctions(planted(`test('x', () => {\n${lines(99)}});`))).toHaveLength(1);
  });

  test('a line', () => {
    expect(longLines(planted(`//${'é'.repeat(98)}`))).toEqual([]);
    expect(longLines(planted(`\n//${'é'.repeat(99)}`))).toEqual([
      'planted.ts:2: 101 columns, at most 100',
    ]);
  });
});
