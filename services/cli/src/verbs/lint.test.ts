/** `lint`: all problems at once, and what makes it say no. */
import { describe, expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { configYaml, deploymentYaml, inputOf, writeFiles } from '../testing/written-files.ts';
import { type LintOptions, lint } from './apply.ts';

const prefix = 'autoscaling.knative.dev';

const linted = async (
  texts: Readonly<Record<string, string>>,
  options: Partial<Pick<LintOptions, 'strict' | 'output' | 'forCluster'>> = {},
) => {
  await using files = await writeFiles(texts);
  const terminal = captureTerminal();
  const file = Object.keys(texts).map(files.pathOf);
  const code = await lint(
    { terminal, input: inputOf() },
    { file, strict: false, output: 'text', ...options },
  );
  return { code, text: terminal.lines.join('\n'), notes: terminal.notes, pathOf: files.pathOf };
};

const unknownKey = deploymentYaml('web', { [`${prefix}/max-scal`]: '3' });

describe('lint', () => {
  it('tells every problem of every file, with what is allowed and what was meant', async () => {
    const annotations = { [`${prefix}/target`]: '0', [`${prefix}/min-scael`]: '1' };
    const { code, text, notes, pathOf } = await linted({
      'web.yaml': deploymentYaml('web', annotations),
      'config.json': configYaml({ 'stable-window': '1s' }),
    });
    expect(code).toBe(1);
    expect(text).toBe('2 objects, 2 errors, 1 warning');
    expect(notes).toEqual([
      `${pathOf('web.yaml')}:11:41 error: ${prefix}/target is outside of the allowed range.\n` +
        `  ${prefix}/target: "0"; allowed: a number of at least 0.01`,
      `${pathOf('web.yaml')}:12:44 warning: ${prefix}/min-scael is not a known annotation and ` +
        `has no effect.\n  ${prefix}/min-scael: "1"; did you mean ${prefix}/min-scale?`,
      expect.stringMatching(
        /config\.json:1:\d+ error: stable-window .+\n.+"1s"; allowed: 6s to 1h, whole seconds$/,
      ),
    ]);
  });

  it('takes warnings as errors only when strict, and never advice', async () => {
    expect((await linted({ 'web.yaml': unknownKey })).code).toBe(0);
    expect((await linted({ 'web.yaml': unknownKey }, { strict: true })).code).toBe(1);
    const odd = deploymentYaml('web', { [`${prefix}/target`]: '1' });
    const { code, text } = await linted({ 'web.yaml': odd }, { strict: true });
    expect({ code, text }).toEqual({
      code: 0,
      text: '1 object, 0 errors, 0 warnings, 1 of advice',
    });
  });

  it('asks how an image is started on this machine only', async () => {
    const files = { 'web.yaml': deploymentYaml('web').replace(/^ *command:.*\n/m, '') };
    const here = await linted(files);
    expect(here.code).toBe(1);
    expect(here.notes.join()).toContain('Nothing says how to start the image');
    expect(await linted(files, { forCluster: true })).toMatchObject({ code: 0, notes: [] });
  });

  it('gives the same to programs', async () => {
    const { text, notes, pathOf } = await linted({ 'web.yaml': unknownKey }, { output: 'json' });
    expect(notes).toEqual([]);
    expect(JSON.parse(text)).toEqual({
      ok: true,
      objects: 1,
      complaints: [
        {
          severity: 'warning',
          file: pathOf('web.yaml'),
          line: 11,
          column: 43,
          path: `spec.template.metadata.annotations["${prefix}/max-scal"]`,
          key: `${prefix}/max-scal`,
          keys: [`${prefix}/max-scal`],
          value: '3',
          message: `${prefix}/max-scal is not a known annotation and has no effect.`,
          allowed: '',
          didYouMean: `${prefix}/max-scale`,
        },
      ],
    });
  });
});
