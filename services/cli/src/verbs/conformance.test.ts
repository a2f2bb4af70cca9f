/** What the verb says of vectors that hold, that differ, and that are none. */
import { join } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import { boundRules, type Rule } from '@flyball/domain/testing';
import { describe, expect, it } from 'vitest';
import { type CapturedTerminal, captureTerminal } from '../testing/captured-terminal.ts';
import {
  annotationsVector,
  configVectors,
  lifecycleVector,
  refusedResolveVector,
  resolveVector,
  scaleVector,
} from '../testing/example-vectors.ts';
import { type VectorsByFile, writeVectors } from '../testing/written-vectors.ts';
import { type ConformanceOptions, conformance, shownDifferencesMax } from './conformance.ts';

const signal = new AbortController().signal;

interface Run {
  readonly code: number;
  readonly terminal: CapturedTerminal;
}

const run = async (
  files: VectorsByFile,
  output: ConformanceOptions['output'] = 'text',
): Promise<Run> => {
  await using written = await writeVectors(files);
  const terminal = captureTerminal();
  const code = await conformance({ terminal, signal }, { directory: written.path, output });
  return { code, terminal };
};

const all: VectorsByFile = {
  'scale/two-samples.json': scaleVector,
  'scale-random.jsonl': [scaleVector, scaleVector],
  'resolve.jsonl': [resolveVector, refusedResolveVector],
  'config.jsonl': configVectors,
  'annotations.jsonl': [annotationsVector],
  'lifecycle.jsonl': [lifecycleVector],
  'README.md': 'not a vector',
};

describe('vectors that hold', () => {
  it('are counted by file, and the last line is the whole', async () => {
    const { code, terminal } = await run(all);
    expect(terminal.lines).toEqual([
      '✓ scale                1 passed   0 failed',
      '✓ scale-random.jsonl   2 passed   0 failed',
      '✓ resolve.jsonl        2 passed   0 failed',
      '✓ config.jsonl         2 passed   0 failed',
      '✓ annotations.jsonl    1 passed   0 failed',
      '✓ lifecycle.jsonl      1 passed   0 failed',
      '9 passed, 0 failed',
    ]);
    expect(code).toBe(0);
  });

  it('may be one file alone', async () => {
    const { code, terminal } = await run({ 'config.jsonl': configVectors });
    expect([code, terminal.lines.at(-1)]).toEqual([0, '2 passed, 0 failed']);
  });

  it('are told to programs', async () => {
    const { terminal } = await run({ 'resolve.jsonl': [resolveVector] }, 'json');
    expect(JSON.parse(terminal.lines.join('\n'))).toEqual({
      ok: true,
      passed: 1,
      failed: 0,
      files: [{ file: 'resolve.jsonl', passed: 1, failed: 0 }],
      failures: [],
    });
  });
});

describe('a difference', () => {
  it('is told with its tick, its field, and both answers', async () => {
    const [first, ...rest] = scaleVector.expected.ticks;
    const ticks = [{ ...first, stable: 21, desiredPodCount: 2 }, ...rest];
    const wrong = { ...scaleVector, expected: { ...scaleVector.expected, ticks } };
    const { code, terminal } = await run({ 'scale/wrong.json': wrong });
    expect(code).toBe(1);
    expect(terminal.lines).toEqual([
      '✗ scale: two samples of one second',
      '    tick 1 stable: expected 21, got 20',
      '    tick 1 desiredPodCount: expected 2, got 3',
      '✗ scale   0 passed   1 failed',
      '0 passed, 1 failed',
    ]);
  });

  it('is what a rule leaves that is taken out of the decider', async () => {
    const rules = boundRules as Rule[];
    const at = rules.findIndex(({ name }) => name === 'max-scale');
    const taken = rules.splice(at, 1);
    try {
      const { code, terminal } = await run(all);
      expect(code).toBe(1);
      expect(terminal.lines).toContain('    tick 2 boundedPodCount: expected 4, got 5');
      expect(terminal.lines.at(-1)).toBe('6 passed, 3 failed');
    } finally {
      rules.splice(at, 0, ...taken);
    }
  });

  it('is told to programs, with null for no answer', async () => {
    const expected = { valid: true, resolved: { maxScale: 8, maxScales: 8 } };
    const wrong = { name: 'w', config: { 'max-scale': '7' }, expected };
    const { code, terminal } = await run({ 'config.jsonl': [wrong] }, 'json');
    expect(code).toBe(1);
    expect(JSON.parse(terminal.lines.join('\n'))).toMatchObject({
      ok: false,
      failures: [
        {
          file: 'config.jsonl',
          case: 'w',
          malformed: null,
          differences: [
            { tick: null, field: 'maxScale', expected: 8, got: 7 },
            { tick: null, field: 'maxScales', expected: 8, got: null },
          ],
        },
      ],
    });
  });

  it('is only counted beyond the first of a case', async () => {
    const steps = lifecycleVector.expected.steps.map((step) => ({
      ...step,
      replicas: -1,
      want: -7,
    }));
    const wrong = { ...lifecycleVector, expected: { steps } };
    const { terminal } = await run({ 'lifecycle.jsonl': [wrong] });
    expect(terminal.lines.filter((line) => line.includes('expected'))).toHaveLength(
      shownDifferencesMax,
    );
    expect(terminal.lines).toContain(`    … and ${2 * steps.length - shownDifferencesMax} more`);
  });
});

describe('what is no vector', () => {
  it('fails with its line and what is wrong in it, and the others are run', async () => {
    const { name: _, ...unnamed } = configVectors[0] ?? {};
    const text = `${JSON.stringify(configVectors[1])}\n{"name":\n\n${JSON.stringify(unnamed)}\n`;
    const { code, terminal } = await run({ 'config.jsonl': text });
    expect(code).toBe(1);
    expect(terminal.lines[0]).toBe('✗ config.jsonl: line 2');
    expect(terminal.lines[1]).toMatch(/^ {4}This is not a vector that can be run: it is not JSON/);
    expect(terminal.lines[2]).toBe('✗ config.jsonl: line 4');
    expect(terminal.lines.slice(3).join('\n')).toContain('at name');
    expect(terminal.lines.at(-1)).toBe('1 passed, 2 failed');
  });

  it('is a tick without an answer', async () => {
    const expected = { ...scaleVector.expected, ticks: scaleVector.expected.ticks.slice(1) };
    const { terminal } = await run({ 'scale/short.json': { ...scaleVector, expected } });
    expect(terminal.lines.join('\n')).toContain('there must be one for each tick of the events');
  });

  it('is an answer without a tick', async () => {
    const ticks = [...scaleVector.expected.ticks, ...scaleVector.expected.ticks.slice(-1)];
    const expected = { ...scaleVector.expected, ticks };
    const { code, terminal } = await run({ 'scale/long.json': { ...scaleVector, expected } });
    expect(code).toBe(1);
    expect(terminal.lines.join('\n')).toContain('there must be one for each tick of the events');
  });

  it('is a directory without any', async () => {
    const { code, terminal } = await run({ 'notes.txt': 'nothing' });
    expect(code).toBe(1);
    expect(terminal.lines).toEqual([]);
    expect(terminal.notes.join('\n')).toContain('There are no vectors in');
    expect(terminal.notes.join('\n')).toContain('lifecycle.jsonl');
  });

  it('is what was not run any more, and the exit code says so', async () => {
    await using written = await writeVectors(all);
    const context = { terminal: captureTerminal(), signal: AbortSignal.abort() };
    expect(await conformance(context, { directory: written.path, output: 'text' })).toBe(130);
    expect(context.terminal.notes).toEqual(['Ended before all of them were run.']);
  });

  it('is a directory that is not there', async () => {
    await using written = await writeVectors({});
    const directory = join(written.path, 'gone');
    const asked = conformance(
      { terminal: captureTerminal(), signal },
      { directory, output: 'text' },
    );
    await expect(asked).rejects.toThrow(OutsideError);
    await expect(asked).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});
