/** `policy`: every effective value with its layer, and what was refused since. */
import { policySchema } from '@flyball/contracts';
import { RecordedStory, storyWorkload } from '@flyball/reading/testing';
import { describe, expect, it } from 'vitest';
import { settingName } from '../output/policy-value.ts';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { showPolicy } from './policy.ts';

/** A source of metrics is there only where one was asked for. */
const keysOfAll = policySchema.omit({ source: true }).keyof().options;
const never = new AbortController().signal;
const complaint = {
  path: 'web.yaml:7',
  key: 'autoscaling.knative.dev/min-scale',
  value: '-1',
  allowed: 'a whole number from 0',
  message: 'is too small',
};

const policyOf = async (
  story: RecordedStory,
  output: 'text' | 'json',
  workload = storyWorkload,
) => {
  const terminal = captureTerminal();
  const context = { terminal, signal: never };
  const code = await showPolicy(context, story.reader, { data: 'unused', output, workload });
  return { code, terminal, text: terminal.lines.join('\n') };
};

describe('policy', () => {
  it('shows every value with the layer that set it', async () => {
    const { code, text } = await policyOf(await new RecordedStory().begin(), 'text');
    expect(code).toBe(0);
    expect(text).toMatch(/^SETTING {2,}VALUE {2,}SET BY\n/);
    expect(text).toMatch(/^target aimed for +10 in flight +annotation$/m);
    expect(text).toMatch(/^window +6 s +default$/m);
    for (const key of keysOfAll) {
      expect(text).toContain(`\n${settingName(key)} `);
    }
  });

  it('gives the same to programs', async () => {
    const told = JSON.parse((await policyOf(await new RecordedStory().begin(), 'json')).text);
    expect(Object.keys(told)).toEqual([
      'namespace',
      'name',
      'policyId',
      'setAtMs',
      'values',
      'warnings',
      'refused',
    ]);
    expect(Object.keys(told.values)).toEqual(keysOfAll);
    expect(told.values.targetValue).toEqual({ value: 10, layer: 'annotation' });
    expect(told.refused).toBeNull();
  });

  it('tells what was refused since, until a policy is set again', async () => {
    const story = await new RecordedStory().begin();
    await story.event('PolicyRefused', 'policy', { complaints: [complaint] });
    const { text } = await policyOf(story, 'text');
    expect(text).toContain(
      'web.yaml:7: autoscaling.knative.dev/min-scale: -1: is too small ' +
        '(allowed: a whole number from 0)',
    );
    await story.begin();
    expect((await policyOf(story, 'text')).text).not.toContain('Refused');
  });

  it('prints nothing of what was given that a terminal would obey', async () => {
    const story = await new RecordedStory().begin();
    const value = '1\n\x1b[2J\x1b]0;owned\x07';
    await story.event('PolicyRefused', 'policy', { complaints: [{ ...complaint, value }] });
    const { terminal } = await policyOf(story, 'text');
    expect(terminal.lines.join('')).not.toMatch(/\p{Cc}/u);
    expect(terminal.lines.at(-1)).toContain('min-scale: 1 : is too small');
  });

  it('says when all that was ever given was refused', async () => {
    const story = new RecordedStory();
    await story.event('PolicyRefused', 'policy', { complaints: [complaint] });
    const { code, text } = await policyOf(story, 'text');
    expect(code).toBe(0);
    expect(text).toContain('No policy is in force');
  });

  it('names the nearest workloads when nothing is recorded', async () => {
    const { code, terminal } = await policyOf(
      await new RecordedStory().begin(),
      'text',
      'default/wxb',
    );
    expect(code).toBe(1);
    expect(terminal.notes.join()).toContain('Did you mean default/web?');
  });
});
