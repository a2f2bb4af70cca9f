/** `get`: the decider's state from the log alone, as a table and as JSON, once and live. */
import { decidedState } from '@flyball/domain';
import { RecordedStory, storyWorkload, tellStory } from '@flyball/reading/testing';
import { describe, expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { type GetOptions, showWorkloads } from './get.ts';

const options: GetOptions = { data: 'unused', output: 'json', watch: false };
const never = new AbortController().signal;

const getJson = async (story: RecordedStory, more: Partial<GetOptions> = {}) => {
  const terminal = captureTerminal();
  const context = { terminal, signal: never };
  const code = await showWorkloads(context, story.reader, { ...options, ...more });
  return { code, shown: JSON.parse(terminal.lines.join('\n') || 'null'), terminal };
};

describe('get -o json', () => {
  it('gives every workload as the decider has it, with the age of its data', async () => {
    const story = await tellStory();
    const { code, shown } = await getJson(story);
    const [expected] = decidedState(story.state);
    expect(code).toBe(0);
    expect(shown).toEqual([{ ...expected, dataAgeMs: 300 }]);
  });

  it('has the documented fields', async () => {
    const { shown } = await getJson(await tellStory());
    expect(Object.keys(shown[0]).sort()).toEqual([
      'coveredAtMs',
      'dataAgeMs',
      'desiredReplicas',
      'lastDecision',
      'maxScale',
      'minScale',
      'mode',
      'name',
      'namespace',
      'panicAverage',
      'readyReplicas',
      'routing',
      'seen',
      'stableAverage',
      'target',
      'tickAtMs',
    ]);
    expect(Object.keys(shown[0].lastDecision)).toEqual(['id', 'atMs', 'from', 'to', 'reason']);
    expect(shown[0]).toMatchObject({ desiredReplicas: 2, mode: 'stable', stableAverage: 12 });
  });

  it('is the same from a snapshot and a tail as from the beginning', async () => {
    const plain = await tellStory();
    const snapped = await tellStory();
    await snapped.snapshot();
    await plain.load(6, 70);
    await snapped.load(6, 70);
    const [from, without] = [await getJson(snapped), await getJson(plain)];
    expect(from.shown).toEqual(without.shown);
    expect(from.shown[0].desiredReplicas).toBeGreaterThan(2);
  });

  it('is an empty array while there are none', async () => {
    expect((await getJson(new RecordedStory())).shown).toEqual([]);
  });
});

describe('get NS/NAME', () => {
  it('names the nearest workloads when it is not one', async () => {
    const story = await tellStory();
    const { code, terminal } = await getJson(story, { workload: 'default/wep' });
    expect(code).toBe(1);
    expect(terminal.lines).toEqual([]);
    expect(terminal.notes).toEqual([
      'No workload default/wep is recorded here. Did you mean default/web? ' +
        '`flyball get` lists all.',
      'Whether there is one that Flyball leaves alone, the log cannot tell.',
    ]);
  });

  it('says that one is gone, and where to read why', async () => {
    const story = await tellStory();
    await story.event('WorkloadGone', 'platform', { uid: 'u1', reason: 'deleted' });
    const { code, terminal } = await getJson(story, { workload: storyWorkload });
    expect(code).toBe(1);
    expect(terminal.notes.join()).toContain('default/web is not under Flyball any more');
  });

  it('shows what is recorded while the decider is away, and says so', async () => {
    const story = await tellStory();
    story.deciderRuns = false;
    await story.load(8, 150);
    const { shown, terminal } = await getJson(story);
    expect(shown[0]).toMatchObject({ desiredReplicas: 2, panicAverage: 150, dataAgeMs: 300 });
    expect(terminal.notes).toEqual([
      'The decider of partition 3 is 8.0 s behind: shown is what is recorded.',
    ]);
  });

  it('prints a table for people', async () => {
    const story = await tellStory();
    const terminal = captureTerminal();
    const wanted: GetOptions = { ...options, output: 'text', workload: storyWorkload };
    await showWorkloads({ terminal, signal: never }, story.reader, wanted);
    const [head, row, ...rest] = terminal.lines;
    expect(head?.split(/ {3,}/)).toEqual([
      'NAMESPACE',
      'NAME',
      'READY',
      'MODE',
      'STABLE',
      'PANIC',
      'TARGET',
      'SCALE',
      'ROUTING',
      'DATA',
      'LAST DECISION',
    ]);
    expect(row?.split(/ {3,}/).slice(0, 8)).toEqual([
      'default',
      'web',
      '2/2',
      'stable',
      '12',
      '12',
      '10',
      '0..20',
    ]);
    expect(rest).toEqual([]);
  });
});

describe('get --watch -o json', () => {
  it('prints one array for each change, and ends with the signal', async () => {
    const story = await tellStory();
    const terminal = captureTerminal();
    const stop = new AbortController();
    const context = { terminal, signal: stop.signal };
    const watching = showWorkloads(context, story.reader, { ...options, watch: true });
    const replicas = () => terminal.lines.map((line) => JSON.parse(line)[0].desiredReplicas);
    await expect.poll(() => terminal.lines.length).toBeGreaterThan(0);
    await story.burst(90);
    await expect.poll(() => replicas().at(-1)).toBe(9);
    expect(replicas()[0]).toBe(2);
    stop.abort();
    expect(await watching).toBe(0);
  });

  it('shows what is recorded while the decider is away, not what it would decide', async () => {
    const story = await tellStory();
    const terminal = captureTerminal();
    const stop = new AbortController();
    const context = { terminal, signal: stop.signal };
    const watching = showWorkloads(context, story.reader, { ...options, watch: true });
    const told = () => terminal.lines.map((line) => JSON.parse(line)[0]);
    await expect.poll(() => terminal.lines.length).toBeGreaterThan(0);
    story.deciderRuns = false;
    await story.load(8, 150);
    await expect.poll(() => told().at(-1).panicAverage).toBe(150);
    const { lastDecision } = told()[0];
    const recorded = { desiredReplicas: 2, mode: 'stable', lastDecision };
    for (const one of told()) expect(one).toMatchObject(recorded);
    stop.abort();
    expect(await watching).toBe(0);
  });
});
