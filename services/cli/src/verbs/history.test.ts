/** `history`: the workload's events in the order of the log, readable and verbatim. */
import { partitionOf, workloadFilter } from '@flyball/contracts';
import { type RecordedStory, startMs, storyWorkload, tellStory } from '@flyball/reading/testing';
import { describe, expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { storyTraceId, tellColdStart } from '../testing/traced-story.ts';
import { type HistoryOptions, showHistory } from './history.ts';

const options: HistoryOptions = {
  data: 'unused',
  output: 'text',
  workload: storyWorkload,
  follow: false,
};
const never = new AbortController().signal;

const historyOf = async (story: RecordedStory, more: Partial<HistoryOptions> = {}) => {
  const terminal = captureTerminal();
  const context = { terminal, signal: never };
  const code = await showHistory(context, story.reader, { ...options, ...more });
  return { code, terminal, lines: terminal.lines };
};

const storedBodies = async ({ log, workload }: RecordedStory): Promise<string[]> => {
  const filter = workloadFilter(partitionOf(workload, 8), workload);
  const bodies: string[] = [];
  for await (const batch of log.events.readToEnd({ filter, afterSeq: 0, signal: never })) {
    bodies.push(...batch.map(({ body }) => body));
  }
  return bodies;
};

describe('history', () => {
  it('tells one event a line, in the order of the log', async () => {
    const { code, lines } = await historyOf(await tellStory());
    expect(code).toBe(0);
    const told = lines.map((line) =>
      line.replace(/^.*?\d\d:\d\d:\d\d\.\d{3} {2}/, '').replace(/ {2}trace [0-9a-f]{8}$/, ''),
    );
    expect(told.slice(0, 6)).toEqual([
      'WorkloadAppeared     new, 0 replicas',
      'WorkloadReachable    a route leads to it: its bounds hold',
      'PolicySet            10 in flight a pod (100 % of 10), 0 to 20 replicas, ' +
        'window 6.0 s, behaviour flyball',
      expect.stringMatching(/^Decided {14}new → 0, stable mode, through the activator: /),
      expect.stringMatching(
        /^Decided {14}0 → 5, panic mode: .*right now 50 in flight ÷ 10 a pod = 5/,
      ),
      'PodAppeared          web-0 is at 127.1.0.1:8080',
    ]);
    expect(told).toContain('PodGone              web-4 has ended');
  });

  it('names the trace of what is told in one', async () => {
    const { lines } = await historyOf(await tellColdStart());
    const traced = lines.filter((line) => line.endsWith(`  trace ${storyTraceId.slice(0, 8)}`));
    expect(traced.map((line) => /\d {2}([A-Z][A-Za-z]+) /.exec(line)?.[1])).toEqual([
      ...['Decided', 'ScaleApplied', 'ColdStartCompleted'],
    ]);
    expect(lines.find((line) => line.includes('PolicySet'))).not.toContain('trace');
  });

  it('prints the stored documents, byte for byte, with -o json', async () => {
    const story = await tellStory();
    const { lines } = await historyOf(story, { output: 'json' });
    expect(lines).toEqual(await storedBodies(story));
    expect(lines.length).toBeGreaterThan(15);
  });

  it('begins at --since', async () => {
    const story = await tellStory();
    const all = await historyOf(story, { output: 'json' });
    const sinceMs = startMs + 10_000;
    const { lines } = await historyOf(story, { output: 'json', sinceMs });
    const later = all.lines.filter((line) => Date.parse(JSON.parse(line).time) >= sinceMs);
    expect(lines).toEqual(later);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(all.lines.length);
  });

  it('goes on with what comes until the signal aborts', async () => {
    const story = await tellStory();
    const before = (await historyOf(story)).lines.length;
    const terminal = captureTerminal();
    const stop = new AbortController();
    const context = { terminal, signal: stop.signal };
    const following = showHistory(context, story.reader, { ...options, follow: true });
    await expect.poll(() => terminal.lines.length).toBe(before);
    await story.event('PodUnready', 'platform', {
      pod: 'web-0',
      reason: 'crashed',
      message: 'exit code 1',
    });
    await expect.poll(() => terminal.lines.length).toBe(before + 1);
    expect(terminal.lines.at(-1)).toMatch(
      /PodUnready {11}web-0 is not ready: crashed \(exit code 1\)$/,
    );
    stop.abort();
    expect(await following).toBe(0);
  });

  it('names the nearest workloads when nothing is recorded', async () => {
    const { code, terminal } = await historyOf(await tellStory(), { workload: 'default/weeb' });
    expect(code).toBe(1);
    expect(terminal.notes.join()).toContain('Did you mean default/web?');
  });
});
