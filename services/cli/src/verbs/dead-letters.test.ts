/** `dead-letters`: what was put aside is listed once, shown, sent or folded again, or let go. */
import { deadLettersSubject, samplesSubject, subjectOf } from '@flyball/contracts';
import { openMemoryEventLog, type StoredMessage } from '@flyball/event-log';
import { appendDeadLetter, lastRefoldId, type PoisonMessage, systemClock } from '@flyball/service';
import { beforeEach, describe, expect, it } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import {
  poisonPartition as partition,
  podReady,
  podReadyBody,
  sampleBatch,
} from '../testing/poison.ts';
import { showDeadLetter, showDeadLetters } from './dead-letters.ts';
import { dropLetters, retryLetters } from './dead-letters-settle.ts';

const { signal } = new AbortController();
const foundAtMs = Date.UTC(2026, 0, 1, 10);
const nowMs = foundAtMs + 95_000;
const clock = { ...systemClock, nowMs: () => nowMs };

describe('dead-letters', () => {
  let log = openMemoryEventLog();
  let terminal = captureTerminal();
  const context = () => ({ terminal, signal });
  const reader = () => ({ log, partitionCount: 8, clock });
  const operator = () => ({ log, clock, by: 'ana' });

  const putAside = (poison: Partial<PoisonMessage>, message: Partial<StoredMessage> = {}) =>
    appendDeadLetter(
      log.deadLetters,
      {
        ...{ stage: 'decider', partition, stream: 'EVENTS', refoldId: '', atMs: foundAtMs },
        ...{ code: 'LOG_CORRUPT', reason: 'it has \u001b[31mno\u0007 shape\nat all' },
        ...poison,
        message: { seq: 1, subject: subjectOf(podReady), body: podReadyBody, ...message },
      },
      { clock, signal },
    );
  const listed = async (): Promise<readonly string[]> => {
    terminal = captureTerminal();
    expect(await showDeadLetters(context(), reader(), { output: 'text' })).toBe(0);
    return terminal.lines.slice(1);
  };
  const sent = async (): Promise<StoredMessage[]> => {
    const found: StoredMessage[] = [];
    const reading = { filter: samplesSubject(partition), afterSeq: 0, signal };
    for await (const some of log.samples.readToEnd(reading)) found.push(...some);
    return found;
  };

  beforeEach(() => {
    log = openMemoryEventLog();
    terminal = captureTerminal();
  });

  it('are listed in a table, newest last, with nothing that a terminal would obey', async () => {
    await putAside({});
    await putAside({ stage: 'windower', stream: 'SAMPLES' }, { subject: 'flyball.samples.3' });
    await showDeadLetters(context(), reader(), { output: 'text' });
    expect(terminal.lines).toEqual([
      'ID   AGE          STAGE      PARTITION   FROM                                             ' +
        'REASON',
      '1    1 min 35 s   decider    3           EVENTS 1 flyball.events.3.default.web.platform   ' +
        'it has no shape at all',
      '2    1 min 35 s   windower   3           SAMPLES 1 flyball.samples.3                      ' +
        'it has no shape at all',
    ]);
  });

  it('are told as JSON, and one in full with its message', async () => {
    await putAside({});
    await showDeadLetters(context(), reader(), { output: 'json' });
    const [told] = JSON.parse(terminal.lines.join('\n'));
    expect(told).toEqual({
      ...{ id: '1', letterId: 'EVENTS-1:decider:deadLetters:3', atMs: foundAtMs, partition },
      ...{ stage: 'decider', stream: 'EVENTS', subject: subjectOf(podReady), seq: 1 },
      ...{ code: 'LOG_CORRUPT', reason: 'it has \u001b[31mno\u0007 shape\nat all' },
      truncated: false,
    });
    terminal = captureTerminal();
    expect(await showDeadLetter(context(), reader(), { id: '1', output: 'json' })).toBe(0);
    expect(JSON.parse(terminal.lines.join('\n'))).toEqual({ ...told, body: podReadyBody });
    expect(await showDeadLetter(context(), reader(), { id: '7', output: 'text' })).toBe(1);
    expect(terminal.notes.join()).toContain('There is no dead letter 7');
  });

  it('are one line however often the stage puts them aside, and none once dropped', async () => {
    await putAside({});
    await putAside({ refoldId: 'asked-for-another' });
    expect(await listed()).toHaveLength(1);
    expect(await dropLetters(context(), operator(), { ids: ['1'], all: false })).toBe(0);
    expect(await listed()).toEqual([]);
    await putAside({ refoldId: 'and-again' });
    expect(await listed()).toEqual([]);
    // Another message at the same place, in a log that lost its tail, is another letter.
    await putAside({ refoldId: 'of-another' }, { body: 'another' });
    expect(await listed()).toHaveLength(1);
  });

  it('of samples are sent again to where they came from, once', async () => {
    const place = { subject: samplesSubject(partition), body: sampleBatch };
    await putAside({ stage: 'windower', stream: 'SAMPLES', code: 'STAGE_THREW' }, place);
    expect(await retryLetters(context(), operator(), { ids: ['1'], all: false })).toBe(0);
    expect(terminal.lines).toEqual(['1: sent again to flyball.samples.3']);
    expect((await sent()).map(({ body }) => body)).toEqual([sampleBatch]);
    expect(await listed()).toEqual([]);
    expect(await lastRefoldId({ log, stage: 'windower', partition })).toBe('');
  });

  it('of events ask the stage to fold anew, and come back when it fails again', async () => {
    await log.events.append({ subject: subjectOf(podReady), id: podReady.id, body: podReadyBody });
    await putAside({ code: 'STAGE_THREW' });
    expect(await retryLetters(context(), operator(), { ids: [], all: true })).toBe(0);
    expect(terminal.lines).toEqual(['1: the decider folds partition 3 anew']);
    expect(await listed()).toEqual([]);
    const refoldId = await lastRefoldId({ log, stage: 'decider', partition });
    expect(refoldId).toBe(`DEADLETTERS-1-${foundAtMs}:retried`);
    await putAside({ code: 'STAGE_THREW', refoldId });
    expect(await listed()).toHaveLength(1);
  });

  it('are settled no further once they shall end, and the exit code says so', async () => {
    await putAside({});
    await putAside({}, { seq: 2 });
    const stop = new AbortController();
    const ending = { ...terminal, line: () => stop.abort() };
    const drop = (ids: readonly string[]) =>
      dropLetters({ terminal: ending, signal: stop.signal }, operator(), { ids, all: false });
    expect(await drop(['1', '2'])).toBe(130);
    expect(await listed()).toHaveLength(1);
    await expect(drop(['2'])).rejects.toMatchObject({ cause: stop.signal.reason });
    expect(await listed()).toHaveLength(1);
  });

  it.each([
    ['what this version cannot read either', 'SAMPLES', '{"a":1}', 'would be refused again'],
    ['what is no longer there', 'EVENTS', podReadyBody, 'no longer has it at 1: drop it'],
    ['of which only the beginning was kept', 'SAMPLES', 'x'.repeat(70_000), 'only its beginning'],
  ])('%s is not retried, and stays', async (_, stream, body, told) => {
    await putAside({ stream }, { body });
    expect(await retryLetters(context(), operator(), { ids: ['1'], all: false })).toBe(1);
    expect(terminal.notes.join()).toContain(told);
    expect([await listed(), await sent()]).toMatchObject([{ length: 1 }, []]);
  });

  it('are only settled when all that are named are there', async () => {
    await putAside({});
    expect(await dropLetters(context(), operator(), { ids: ['1', '9'], all: false })).toBe(1);
    expect(terminal.notes.join()).toContain('There is no dead letter 9; nothing was done.');
    expect(await listed()).toHaveLength(1);
  });

  it('that cannot be read themselves are counted, not hidden', async () => {
    const subject = deadLettersSubject(partition, 'decider');
    await log.deadLetters.append({ subject, id: 'x', body: 'poison' });
    expect(await listed()).toEqual([]);
    expect(terminal.notes.join()).toContain('1 message of DEADLETTERS cannot be read');
  });
});
