/** A trace as lines: a tree with bars in the width that there is, links, errors and events. */
import { expect, it } from 'vitest';
import type { Terminal } from '../output/terminal.ts';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { storyTraceId, tellColdStart } from '../testing/traced-story.ts';
import { findTraces, readRecordedTrace } from './find-recorded.ts';
import type { ShownTrace } from './shown-trace.ts';
import { waterfallLines } from './waterfall-lines.ts';

const { signal } = new AbortController();

const tellTrace = async (): Promise<ShownTrace> => {
  const { reader } = await tellColdStart();
  const [found] = await findTraces(reader, storyTraceId, { workload: undefined, signal });
  const trace = found && (await readRecordedTrace(reader, found, signal));
  if (trace === undefined) throw new Error('The story has no trace.');
  return trace;
};

const terminalOf = (columns: number): Terminal => ({ ...captureTerminal(), columns });
const linesAt = (trace: ShownTrace, columns: number): string[] =>
  waterfallLines(terminalOf(columns), trace, trace.summary.startMs);

const treeOf = (lines: readonly string[]): string[] =>
  lines.slice(lines.findIndex((line) => line.startsWith('SPAN'))).slice(1);

it('tells each span below its parent, with when it began and how long it took', async () => {
  const lines = linesAt(await tellTrace(), 100);
  expect(lines[0]).toMatch(/^cold start of default\/web, .*, 700\.0 ms$/);
  expect(lines[1]).toBe(`trace ${storyTraceId}`);
  const rows = treeOf(lines).map((line) => /^( *)(\S.*?) {2,}([\d.]+) +([\d.]+)/.exec(line));
  const told = rows.flatMap((row) => (row === null ? [] : [`${row[1]}${row[2]} ${row[4]}`]));
  expect(told).toEqual([
    'received 700.0',
    '  held 500.0',
    '  decide 0 → 5 0.0',
    '    apply 0 → 5 30.0',
    '      pod created 20.0',
    '      pod started 300.0',
    '      pod ready 100.0',
    '  connect 10.0',
    '  first byte 140.0',
    '  last byte 50.0',
  ]);
});

it('a pod that is ready only after the answer is drawn, and not counted', async () => {
  const trace = await tellTrace();
  expect(linesAt(trace, 100).join()).not.toContain('after the answer');
  const endMs = trace.summary.startMs + 900;
  const spans = trace.spans.map((span) => (span.name === 'pod ready' ? { ...span, endMs } : span));
  const lines = linesAt({ ...trace, spans }, 100);
  expect(lines[0]).toMatch(/, 700\.0 ms$/);
  expect(lines[2]).toBe('after the answer, until 900.0 ms: pod ready');
  expect(lines.find((line) => line.startsWith('SPAN'))).toMatch(/ 900\.0 ms$/);
});

it('what is no story of ours has the same word as in the list', async () => {
  const trace = await tellTrace();
  const summary = { ...trace.summary, kind: 'other', name: 'replay' } as const;
  expect(linesAt({ ...trace, summary }, 100)[0]).toMatch(/^other \(replay\) of default\/web, /);
});

it('tells the events of the log below, with their sentences', async () => {
  const lines = linesAt(await tellTrace(), 100);
  const events = lines.slice(lines.indexOf('Events of the log') + 1);
  expect(events.map((line) => line.replace(/^ +[+−][\d.]+ +/, ''))).toEqual([
    expect.stringMatching(/^Decided +0 → 5, panic mode/),
    'ScaleApplied         0 → 5 (decided)',
    expect.stringMatching(/^ColdStartCompleted +200 from web-1 in 700 ms, 50 waited/),
  ]);
});

it('says why the log could not be asked, where it has the events', async () => {
  const eventsAway = 'NATS does not answer.';
  const lines = linesAt({ ...(await tellTrace()), events: [], eventsAway }, 100);
  expect(lines.slice(lines.indexOf('Events of the log') + 1).join()).toContain(eventsAway);
});

it.each([54, 60, 80, 100, 132, 200])('its tree fits into %i columns', async (columns) => {
  const lines = treeOf(linesAt(await tellTrace(), columns));
  const tree = lines.slice(0, lines.indexOf(''));
  expect(Math.max(...tree.map(({ length }) => length))).toBeLessThanOrEqual(columns);
  expect(tree.filter((line) => line.includes('█')).length).toBeGreaterThan(3);
});

it('leaves out who told a span where it is narrow, and the bars where it is narrower', async () => {
  const trace = await tellTrace();
  expect(linesAt(trace, 100).join('\n')).toMatch(/received .* story +█/);
  expect(linesAt(trace, 54).join('\n')).not.toMatch(/received .* story/);
  const narrow = treeOf(linesAt(trace, 30));
  expect(narrow.slice(0, narrow.indexOf('')).join('')).not.toMatch(/[▉-▏█]/);
});

it('has colours only where the terminal has them', async () => {
  const trace = await tellTrace();
  const painted = {
    ...terminalOf(100),
    styled: (style: unknown, text: string) => `<${style}>${text}`,
  };
  const lines = waterfallLines(painted, trace, trace.summary.startMs);
  expect(lines.find((line) => line.includes('pod started'))).toMatch(/^<blue>.*<blue> *█/);
  expect(lines.find((line) => line.includes('decide'))).toMatch(/^<bold,cyan>/);
  expect(linesAt(trace, 100).join('')).not.toContain('<');
});

it('marks what went wrong and says it, and tells links', async () => {
  const trace = await tellTrace();
  const link = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: {} };
  const spans = trace.spans.map((span) =>
    span.name === 'decide'
      ? { ...span, links: [{ ...link, attributes: { 'flyball.link': 'waits' } }] }
      : { ...span, error: span.name === 'scale' ? 'PLATFORM_GONE: no such Deployment' : null },
  );
  const lines = linesAt({ ...trace, spans }, 100);
  expect(lines.find((line) => line.includes('apply'))).toMatch(/^ {4}✗ apply 0 → 5/);
  expect(lines).toContain('  apply: PLATFORM_GONE: no such Deployment');
  expect(lines).toContain(`  decide   waits   trace aaaaaaaa span ${'b'.repeat(16)}`);
});

it('prints nothing that would move the cursor, whoever told the span', async () => {
  const trace = await tellTrace();
  const control = String.fromCharCode(27);
  const nasty = `a${control}[2Jb\nc${control}]0;title${String.fromCharCode(7)}`;
  const spans = trace.spans.map((span) => ({
    ...{ ...span, name: nasty, error: nasty, service: nasty },
    attributes: { 'flyball.replicas.to': nasty },
    links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: {} }],
  }));
  const summary = { ...trace.summary, workload: nasty, error: nasty };
  const text = linesAt({ ...trace, spans, summary }, 100).join('');
  expect(text).toContain('ab c');
  expect(text).not.toMatch(/\p{Cc}/u);
});
