/** `replay verify` and `replay state`: a true record agrees, and every kind of damage is named. */
import {
  type AnyEvent,
  chainStart,
  encodeEvent,
  type FlyballEvent,
  partitionOf,
  subjectOf,
} from '@flyball/contracts';
import { openMemoryEventLog } from '@flyball/event-log';
import { RecordedStory, startMs, storyWorkload, tellStory } from '@flyball/reading/testing';
import { describe, expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { showStateAt } from './replay-state.ts';
import { type ReplayVerifyOptions, showVerification } from './replay-verify.ts';

const never = new AbortController().signal;

const verify = async (story: RecordedStory, more: Partial<ReplayVerifyOptions> = {}) => {
  const terminal = captureTerminal();
  const context = { terminal, signal: never };
  const code = await showVerification(context, story.reader, { data: 'unused', ...more });
  return { code, lines: terminal.lines, terminal };
};

const verifyJson = async (story: RecordedStory) => {
  const { code, lines } = await verify(story, { output: 'json' });
  return { code, found: JSON.parse(lines.join('\n')) };
};

describe('replay verify', () => {
  it('finds no difference in a true record of minutes, ticks and decisions', async () => {
    const story = await tellStory();
    const { code, lines } = await verify(story);
    expect((await story.log.minutes.state()).messages).toBeGreaterThan(0);
    expect(lines.at(-1)).toMatch(/^[1-9]\d* decisions of 1 workload re-decided: 0 differences$/);
    expect(lines[0]?.replaceAll(/\d+/g, 'N').split(/ {3}/)).toEqual([
      '✓ default/web',
      'N decisions re-decided',
      'N differences',
      'chain ok (N events, N subjects)',
      'ledger ok (N held)',
    ]);
    expect(code).toBe(0);
  });

  it('holds as well when the ticks of recorded minutes are purged', async () => {
    const story = await tellStory();
    const whole = await verifyJson(story);
    const ticks = `flyball.events.${story.partition}.ticks`;
    expect((await story.log.minutes.state()).messages).toBe(2);
    // The minutes hold the ticks of the first two minutes; the rest is still needed.
    const tail = ({ body }: { readonly body: string }) =>
      Date.parse(JSON.parse(body).time) >= startMs + 120_000;
    const read = { filter: ticks, afterSeq: 0, signal: never };
    let firstKept = 0;
    for await (const batch of story.log.events.readToEnd(read)) {
      firstKept ||= batch.find(tail)?.seq ?? 0;
    }
    expect(await story.log.events.purge(ticks, firstKept)).toBeGreaterThan(50);
    expect(whole.found).toMatchObject({ ok: true, differences: 0 });
    expect(await verifyJson(story)).toEqual(whole);
  });

  it('has the documented fields with -o json', async () => {
    const { found } = await verifyJson(await tellStory());
    expect(found).toMatchObject({ workloads: 1, differences: 0, ok: true });
    expect(Object.keys(found.results[0])).toEqual([
      'workload',
      'decisions',
      'differences',
      'decidedUnread',
      'putAside',
      'chain',
      'ledger',
      'unreadable',
      'isBounded',
      'ok',
    ]);
  });

  it('names what a tampered decision says and what is decided again', async () => {
    const distort = (event: FlyballEvent): FlyballEvent => {
      const told = event as AnyEvent;
      if (told.type !== 'Decided' || told.data.to !== 5) return event;
      return { ...event, data: { ...told.data, to: 6 } };
    };
    const story = await tellStory(new RecordedStory({ distort }));
    const { code, lines } = await verify(story);
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(/data\.to is recorded as 6, decided again as 5/);
    expect(lines.at(-1)).toMatch(/re-decided: [1-9]\d* differences$/);
  });

  it('names an invented decision and a broken chain', async () => {
    const story = await tellStory();
    const { lines: history } = await verify(story);
    expect(history[0]).toContain('✓');
    const filter = `flyball.events.${story.partition}.default.web.decisions`;
    const last = await story.log.events.last(filter);
    const forged = { ...JSON.parse(last?.body ?? ''), id: 'forged', causationid: 'forged' };
    const event: FlyballEvent<'Decided'> = {
      id: 'forged',
      type: 'Decided',
      pen: 'decisions',
      workload: storyWorkload,
      partition: story.partition,
      source: forged.source,
      atMs: story.nowMs,
      causationId: 'forged',
      data: forged.data,
    };
    const { body } = encodeEvent(event, chainStart);
    const { log } = story;
    const expectedLastSeq = last?.seq ?? 0;
    await log.events.append({ subject: subjectOf(event), id: 'forged', body, expectedLastSeq });
    // Only what the decider has gone past is judged.
    await story.load(2, 12);
    const { code, lines } = await verify(story);
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('recorded, but not decided again: forged (cause forged)');
    expect(lines.join('\n')).toContain(`chain broken: ${filter} at`);
  });

  it('sees that the first event of a subject is another than it was', async () => {
    let isFirst = true;
    const story = new RecordedStory();
    const { events } = story.log;
    const append = events.append.bind(events);
    events.append = (message) => {
      const body = isFirst
        ? message.body.replace('"adopted":false', '"adopted":true')
        : message.body;
      isFirst = false;
      return append({ ...message, body });
    };
    const { code, lines } = await verify(await tellStory(story));
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(/chain broken: .*\.default\.web\.platform at 1/);
  });

  it('takes the first that is left for the first where old events age out', async () => {
    const dayMs = 86_400_000;
    const log = openMemoryEventLog({ eventsMaxAgeMs: dayMs });
    const story = await tellStory(new RecordedStory({ log }));
    const platform = `flyball.events.${story.partition}.default.web.platform`;
    const { seq = 0 } = (await log.events.last(platform)) ?? {};
    await log.events.purge(platform, seq);
    const { found } = await verifyJson(story);
    expect(found.results[0].chain).toMatchObject({ ok: true, anchoredLater: 1, broken: [] });
  });

  it('sees a ledger that does not balance', async () => {
    const story = await tellStory();
    const count = { held: 5, released: 3, timedOut: 0, shed: 0, abandoned: 0, waitedMaxMs: 9 };
    await story.event('RequestsCounted', 'requests', { ...count, waiting: 2 });
    expect((await verify(story)).lines[0]).toContain('ledger ok (5 held)');
    await story.event('RequestsCounted', 'requests', { ...count, held: 0, waiting: 0 });
    const { code, lines } = await verify(story);
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('ledger out of balance by -1');
  });

  it('does not pass over a workload of which only the decisions are left', async () => {
    const story = await tellStory();
    const { log, partition } = story;
    const place = `flyball.events.${partition}.default.blog.decisions`;
    const last = await log.events.last(`flyball.events.${partition}.default.web.decisions`);
    const body = (last?.body ?? '').replaceAll('default/web', 'default/blog');
    const id = JSON.parse(body).id as string;
    const blog = 'default/blog';
    expect(partitionOf(blog, story.reader.partitionCount)).toBe(partition);
    await log.events.append({ subject: place, id, body, expectedLastSeq: 0 });
    const { code, found } = await verifyJson(story);
    expect(found.results.map((one: { workload: string }) => one.workload)).toContain(blog);
    expect(code).toBe(1);
  });

  it('does not call well what it had no bound to decide again by', async () => {
    const story = await tellStory();
    const { log, partition } = story;
    const subject = `flyball.events.${partition}.progress`;
    const expectedLastSeq = (await log.events.last(subject))?.seq ?? 0;
    await log.events.append({ subject, id: 'of-another-version', body: '{}', expectedLastSeq });
    const { code, lines } = await verify(story);
    expect(code).toBe(1);
    expect(lines[0]).toMatch(/^✗ default\/web {3}0 decisions re-decided/);
    expect(lines[1]).toContain('no DecidedThrough of its partition can be read');
    expect(lines.at(-1)).toBe('1 workload not verified');
    expect((await verifyJson(story)).found).toMatchObject({ ok: false, notVerified: 1 });
  });

  it('has an exit code of its own when it was ended before it was done', async () => {
    const { reader } = await tellStory();
    const terminal = captureTerminal();
    const context = { terminal, signal: AbortSignal.abort() };
    expect(await showVerification(context, reader, { data: 'unused' })).toBe(130);
    expect(terminal.lines.at(-1)).toBe('1 workload not looked at: it was ended before');
  });

  it('does not call ok what it was ended before', async () => {
    const { reader } = await tellStory();
    const terminal = captureTerminal();
    const context = { terminal, signal: AbortSignal.abort() };
    await showVerification(context, reader, { data: 'unused', output: 'json' });
    const told = JSON.parse(terminal.lines.join('\n'));
    expect(told).toMatchObject({ workloads: 0, notVerified: 1, ok: false });
  });

  it('says so when there is nothing, and when the name is wrong', async () => {
    const nothing = await verify(new RecordedStory());
    expect(nothing.lines).toEqual([
      '0 decisions of 0 workloads re-decided: 0 differences',
      'Nothing is recorded: there was nothing to decide again.',
    ]);
    expect(nothing.code).toBe(0);
    const wrong = await verify(await tellStory(), { workload: 'default/wb' });
    expect(wrong.code).toBe(1);
    expect(wrong.terminal.notes.join()).toContain('Did you mean default/web?');
  });
});

describe('replay state', () => {
  const stateAt = async (story: RecordedStory, atMs: number) => {
    const terminal = captureTerminal();
    const options = { data: 'unused', workload: storyWorkload, atMs };
    const code = await showStateAt({ terminal, signal: never }, story.reader, options);
    return { code, told: JSON.parse(terminal.lines.join('\n') || 'null'), terminal };
  };

  it('gives the decider’s own state at the end', async () => {
    const story = await tellStory();
    const { told } = await stateAt(story, story.nowMs + 1_000);
    expect(told.state).toEqual(story.state.workloads[storyWorkload]);
    expect(told).toMatchObject({ namespace: 'default', name: 'web' });
  });

  it('gives a past one: five pods during the burst, two decided later', async () => {
    const story = await tellStory();
    const { told } = await stateAt(story, startMs + 10_300);
    expect(told.state).toMatchObject({ readyPods: 5, last: { to: 5 } });
    expect(told.tickAtMs).toBe(startMs + 10_200);
    expect(story.state.workloads[storyWorkload]?.last?.to).toBe(2);
  });

  it('says when the workload was not there yet', async () => {
    const story = await tellStory();
    const { code, terminal } = await stateAt(story, startMs - 1);
    expect(code).toBe(1);
    expect(terminal.notes.join()).toContain('default/web was not under Flyball at');
  });
});
