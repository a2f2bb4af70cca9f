/** `trace` with a console: what it keeps, else what the log has, else why there is nothing. */
import { OutsideError } from '@flyball/contracts';
import type { RecordedStory } from '@flyball/reading/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkTraces } from '../doctor/traces-check.ts';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { type StartedConsole, startConsoleOf } from '../testing/started-console.ts';
import { storyTraceId, tellColdStart } from '../testing/traced-story.ts';
import { createConsoleClient } from '../traces/console-client.ts';
import { findTraces, readRecordedTrace } from '../traces/find-recorded.ts';
import { type OpenConsole, openConsole } from '../traces/open-console.ts';
import { type TraceOptions, traceWith } from './trace.ts';

const { signal } = new AbortController();
const ended = async (): Promise<void> => undefined;

let story: RecordedStory;
let full: StartedConsole;
let empty: StartedConsole;

/** What the services tell of the story. */
const tellSpans = async (): Promise<void> => {
  const [found] = await findTraces(story.reader, storyTraceId, { workload: undefined, signal });
  const trace = found && (await readRecordedTrace(story.reader, found, signal));
  await full.tell(trace?.spans ?? []);
};

beforeAll(async () => {
  story = await tellColdStart();
  [full, empty] = await Promise.all([startConsoleOf(story), startConsoleOf(story)]);
  await tellSpans();
});

afterAll(async () => {
  await full[Symbol.asyncDispose]();
  await empty[Symbol.asyncDispose]();
});

const openOf = ({ url }: StartedConsole, traces = true): OpenConsole => ({
  ...{ client: createConsoleClient(url, signal), traces, close: ended },
});

const run = async (
  open: OpenConsole | OutsideError,
  options: Partial<TraceOptions> = {},
  logIsAway = false,
): Promise<{ code: number; lines: readonly string[]; notes: readonly string[] }> => {
  const terminal = captureTerminal();
  const readLog = async (work: (reader: RecordedStory['reader']) => Promise<number>) => {
    if (logIsAway) throw new OutsideError('NOT_RUNNING', 'None runs.', { retriable: false });
    return work(story.reader);
  };
  const given: TraceOptions = { limit: 20, output: 'text', ...options };
  const code = await traceWith({ terminal, signal, readLog }, open, given);
  return { code, lines: terminal.lines, notes: terminal.notes };
};

const jsonOf = async (...asked: Parameters<typeof run>) =>
  JSON.parse((await run(asked[0], { ...asked[1], output: 'json' })).lines.join('\n'));

describe('lists', () => {
  it('what is kept, with where its time went', async () => {
    const { code, lines } = await run(openOf(full));
    expect(code).toBe(0);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^4bf92f35 .*cold start +default\/web +700 ms +pod started 300 ms$/);
  });

  it.each<readonly [string, Partial<TraceOptions>, number]>([
    ['of this workload', { workload: 'default/web' }, 1],
    ['of another one', { workload: 'default/other' }, 0],
    ['of this kind', { kind: 'cold start' }, 1],
    ['of another one', { kind: 'request' }, 0],
    ['as slow', { slowerThanMs: 700 }, 1],
    ['slower', { slowerThanMs: 701 }, 0],
    ['as late', { sinceMs: Date.UTC(2026, 0, 1) }, 1],
    ['later', { sinceMs: Date.UTC(2026, 0, 2) }, 0],
  ])('only those %s', async (_, filter, count) => {
    expect(await jsonOf(openOf(full), filter)).toHaveLength(count);
  });

  it('nothing, and what to do', async () => {
    const noteOf = async (...asked: Parameters<typeof run>) => (await run(...asked)).notes.join();
    expect(await noteOf(openOf(empty))).toContain('Nothing has been traced yet.');
    expect(await noteOf(openOf(empty, false))).toContain('runs without traces (--no-traces)');
    expect(await noteOf(openOf(full), { kind: 'request' })).toContain('without options all');
    expect(await run(openOf(empty), { id: 'latest' })).toMatchObject({ code: 1 });
  });
});

describe('finds none', () => {
  it('and says in a sentence what makes a cold start, without a table', async () => {
    const { code, lines, notes } = await run(openOf(empty), { kind: 'cold start' });
    expect({ code, lines }).toEqual({ code: 0, lines: [] });
    expect(notes.join()).toMatch(/^No cold start yet: a request to a workload at zero makes one/);
    const ofWeb = await run(openOf(empty), { kind: 'cold start', workload: 'default/web' });
    expect(ofWeb.notes.join()).toMatch(/^No cold start yet of default\/web: /);
  });

  it.each([{}, { id: 'latest' }])(
    'of a workload that nobody knows, and what comes near: %o',
    async (given) => {
      const { code, lines, notes } = await run(openOf(full), { workload: 'default/wob', ...given });
      expect({ code, lines }).toEqual({ code: 1, lines: [] });
      expect(notes.join()).toContain(
        'No workload default/wob is recorded here. Did you mean default/web?',
      );
      expect(notes.join()).not.toContain('None of the kept traces');
    },
  );

  it('of a workload, where there is no log that could know it', async () => {
    const { code, notes } = await run(openOf(full), { workload: 'default/wob' }, true);
    expect({ code, notes }).toMatchObject({ code: 0, notes: [expect.stringContaining('None of')] });
  });
});

describe('shows', () => {
  it.each([storyTraceId, '4bf9', 'latest'])('one that is kept: %s', async (id) => {
    const { summary, source } = await jsonOf(openOf(full), { id });
    expect({ id: summary.traceId, source }).toEqual({ id: storyTraceId, source: 'console' });
  });

  it('its events beside it, from the log that the console reads', async () => {
    const { events } = await jsonOf(openOf(full), { id: storyTraceId });
    const types = events.map(({ type }: { readonly type: string }) => type);
    expect(types).toEqual(expect.arrayContaining(['Decided', 'ScaleApplied']));
  });

  it('the same by the id of an event', async () => {
    const { events } = await jsonOf(openOf(empty), { id: storyTraceId });
    for (const { id } of events) {
      expect((await jsonOf(openOf(full), { id })).summary.traceId).toBe(storyTraceId);
    }
  });

  it('one that is kept no more from the log, and says so', async () => {
    const { code, lines, notes } = await run(openOf(empty), { id: '4bf9' });
    expect(code).toBe(0);
    expect(notes.join()).toContain('this is what the log has of it');
    expect(lines[0]).toMatch(/^cold start of default\/web/);
    const [kept, recorded] = [
      await jsonOf(openOf(full), { id: storyTraceId }),
      await jsonOf(openOf(empty), { id: storyTraceId }),
    ];
    expect(recorded.source).toBe('log');
    expect(recorded.summary.phases).toEqual(kept.summary.phases);
  });

  it('from the log alone where the console is away, and says why else', async () => {
    const away = new OutsideError('CONSOLE_UNREACHABLE', 'It is away.', { retriable: true });
    expect((await jsonOf(away, { id: '4bf9' })).summary.traceId).toBe(storyTraceId);
    const { code, notes } = await run(away, { id: 'ffff' });
    expect(code).toBe(1);
    expect(notes.join()).toContain('It is away.');
    await expect(run(away)).rejects.toThrow('It is away.');
  });

  it('what the console says, where there is no log to search', async () => {
    const { code, notes } = await run(openOf(full), { id: 'ffff' }, true);
    expect(code).toBe(1);
    expect(notes.join()).toContain('The log was not searched: None runs.');
    await expect(run(openOf(full), { id: 'decider:1' }, true)).rejects.toThrow('None runs.');
  });

  it.each(['ffff', 'watcher-0-b1:999'])('nothing of what nobody knows: %s', async (id) => {
    const { code, lines, notes } = await run(openOf(full), { id });
    expect({ code, lines }).toEqual({ code: 1, lines: [] });
    expect(notes.join()).toContain('`flyball trace` lists those that are kept');
  });
});

describe('which console', () => {
  const open = (options: Parameters<typeof openConsole>[0], env = {}) =>
    openConsole(options, env, signal);

  it('that of the URL', async () => {
    const found = await open({ console: 'http://127.0.0.1:1', data: '/nowhere' });
    expect(found).toMatchObject({ client: { url: 'http://127.0.0.1:1' } });
  });

  it('none of a NATS alone, nor where none runs', async () => {
    await expect(open({ nats: 'nats://127.0.0.1:1' })).rejects.toThrow('--console URL');
    await expect(open({ data: '/nowhere' })).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    expect(await open({ nats: 'http://127.0.0.1' })).toContain('allowed: nats://');
  });

  it('one that does not answer, or is none, is said', async () => {
    const listAt = (url: string) => createConsoleClient(url, signal).list({ limit: 1 });
    await expect(listAt('http://127.0.0.1:1')).rejects.toMatchObject({
      code: 'CONSOLE_UNREACHABLE',
    });
    await expect(listAt(full.healthUrl)).rejects.toThrow(/The console at .* (refuses|does not)/);
  });
});

describe('the doctor', () => {
  it('finds that traces arrive, and when the newest did', async () => {
    const check = await checkTraces(full.url, Date.UTC(2026, 0, 1, 0, 1));
    expect(check).toMatchObject({ ok: true, part: 'traces' });
    expect(check.found).toMatch(/^the newest ended 55\.\d s ago \(cold start\)$/);
    expect(await checkTraces(empty.url)).toMatchObject({
      ...{ ok: true, found: expect.stringContaining('none yet') },
    });
  });

  it('advises where the console takes none', async () => {
    expect(await checkTraces('http://127.0.0.1:1')).toMatchObject({ ok: false, needed: false });
    const { ok, found } = await checkTraces(full.healthUrl);
    expect({ ok, found }).toEqual({ ok: false, found: 'the console answers 404 to spans' });
  });
});
