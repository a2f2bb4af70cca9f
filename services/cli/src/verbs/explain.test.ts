/** `explain`: the decision in force, now or then, and why it has not moved since. */
import { RecordedStory, startMs, storyWorkload, tellStory } from '@flyball/reading/testing';
import { describe, expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { type ExplainOptions, showExplanation } from './explain.ts';

const never = new AbortController().signal;

const explainOf = async (story: RecordedStory, more: Partial<ExplainOptions> = {}) => {
  const terminal = captureTerminal();
  const context = { terminal, signal: never };
  const options = { data: 'unused', output: 'text', workload: storyWorkload, ...more } as const;
  const code = await showExplanation(context, story.reader, options);
  return { code, terminal, text: terminal.lines.join('\n') };
};

const explainJson = async (story: RecordedStory, atMs?: number) =>
  JSON.parse((await explainOf(story, { output: 'json', atMs })).text);

describe('explain', () => {
  it('tells the newest decision, its inputs and rules, and what holds it', async () => {
    const { code, text } = await explainOf(await tellStory());
    expect(code).toBe(0);
    const sentence = '12 in flight ÷ 10 a pod = 2';
    expect(text).toContain(`default/web: 3 → 2\n  ${sentence}\n  routing: room for 38 more, `);
    expect(text).toMatch(/the activator takes it in\n {2}decided /);
    expect(text.slice(text.indexOf('Inputs'), text.indexOf('Rules'))).toMatch(
      new RegExp(
        [
          '^Inputs',
          '  average over the stable window   12 in flight',
          '  average over the panic window    12 in flight',
          '  target of a pod                  10 in flight',
          '  pods ready                       5',
          '  pods starting                    0',
          '  averages are                     measured',
          '  measured through                 .*\\d\\d:\\d\\d:\\d\\d\\.\\d{3}',
          '  a route leads to it              yes',
          '  room beyond the burst capacity   -173 in flight',
          '  activators wanted                3\n\n$',
        ].join('\n'),
      ),
    );
    expect(text).toMatch(/Rules\n {2}▸ need {3}2 {3}12 in flight ÷ 10 a pod = 2\n/);
    expect(text).toContain('averages: stable 12, panic 12 (measured); pods: 2 ready');
    expect(text).toMatch(/It stays at 2: 12 in flight ÷ 10 a pod = 2$/);
  });

  it('tells what was in force at a past moment, with each rule that moved it', async () => {
    const told = await explainJson(await tellStory(), startMs + 5_000);
    expect(told.decision).toMatchObject({ from: 0, to: 5, mode: 'panic', binding: 'burst' });
    expect(told.decision.rules).toEqual([
      { rule: 'need', from: null, to: 1, why: '10 in flight ÷ 10 a pod = 1', binding: false },
      expect.objectContaining({ rule: 'panic', from: 1, to: 3, binding: false }),
      expect.objectContaining({ rule: 'burst', from: 3, to: 5, binding: true }),
    ]);
    expect(told.since).toMatchObject({ replicas: 5, mode: 'panic', binding: 'panic-hold' });
    expect(told.since.tickAtMs).toBe(startMs + 4_200);
  });

  it('has the documented fields', async () => {
    const told = await explainJson(await tellStory());
    expect(Object.keys(told)).toEqual([
      'namespace',
      'name',
      'atMs',
      'decision',
      'since',
      'sentence',
    ]);
    expect(Object.keys(told.decision)).toEqual([
      'id',
      'atMs',
      'traceId',
      'causationId',
      'from',
      'to',
      'mode',
      'routing',
      'changed',
      'binding',
      'policyId',
      'algorithm',
      'headline',
      'sentence',
      'routingReason',
      'inputs',
      'rules',
    ]);
    expect(Object.keys(told.since)).toEqual([
      'tickAtMs',
      'stableAverage',
      'panicAverage',
      'seen',
      'readyPods',
      'startingPods',
      'replicas',
      'mode',
      'binding',
      'holds',
      'rules',
    ]);
  });

  it('says so before any decision', async () => {
    const story = await new RecordedStory().begin();
    const { code, text } = await explainOf(story);
    expect(code).toBe(0);
    expect(text).toBe(
      'default/web: Nothing has been decided yet; the first decision comes with the next tick.',
    );
    expect(await explainJson(story)).toMatchObject({ decision: null, since: null });
  });

  it('says of a deleted workload that nothing holds it any more', async () => {
    const story = await tellStory();
    expect((await explainOf(story)).terminal.notes).toEqual([]);
    await story.event('WorkloadGone', 'platform', { uid: 'u1', reason: 'deleted' });
    const { code, terminal, text } = await explainOf(story);
    expect(code).toBe(0);
    expect(terminal.notes.join()).toContain('not under Flyball any more (deleted, or opted out)');
    expect(text).toContain('default/web: 3 → 2');
  });

  it.each([
    ['deleted and made again', true],
    ['made again, while nobody saw it go', false],
  ])('gives a workload %s no decision of its predecessor', async (_, isSeenToGo) => {
    const story = await tellStory();
    if (isSeenToGo) {
      await story.event('WorkloadGone', 'platform', { uid: 'u1', reason: 'deleted' });
    }
    await story.event('WorkloadAppeared', 'platform', {
      ...{ uid: 'u2', replicas: 1, createdAtMs: story.nowMs, adopted: false },
      resourceVersion: '9',
    });
    for (const atMs of [undefined, story.nowMs + 500]) {
      const told = await explainJson(story, atMs);
      expect(told.decision).toBeNull();
      expect(told.sentence).not.toContain('in flight');
    }
  });

  it('says so of a moment before it appeared', async () => {
    const story = await tellStory();
    const { code, text } = await explainOf(story, { atMs: startMs - 3_600_000 });
    expect(code).toBe(0);
    expect(text).toMatch(/^default\/web: It had not appeared by then; /);
  });

  it('leaves the view as it was: asking twice gives the same', async () => {
    const story = await tellStory();
    expect(await explainJson(story)).toEqual(await explainJson(story));
  });

  it('names the nearest workloads when nothing is recorded', async () => {
    const { code, terminal } = await explainOf(await tellStory(), { workload: 'prod/web' });
    expect(code).toBe(1);
    expect(terminal.notes.join()).toContain('Did you mean default/web?');
  });
});
