/** What is told on Deployments of the events of the log. */
import type { AnyEvent, EventDataByName, EventName, WorkloadKey } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import type { EventText } from '../objects/event-recorder.ts';
import { createEventPace, eventPauseMs, eventsAtOnceMax } from './event-pace.ts';
import { evolveReport, initialReport, type Report } from './report-projection.ts';
import { statusAnnotationsOf, statusDifference } from './status-annotations.ts';

const workload: WorkloadKey = 'default/web';
const panicSinceMs = Date.UTC(2026, 0, 1, 10, 41, 30);
let told = 0;

const event = <Name extends EventName>(
  type: Name,
  data: Partial<EventDataByName[Name]>,
  id?: string,
): AnyEvent => {
  told += 1;
  const base = { id: id ?? `e${told}`, partition: 0, source: '/test', atMs: panicSinceMs + 90_000 };
  return { ...base, type, workload, data } as unknown as AnyEvent;
};

const appeared = event('WorkloadAppeared', { uid: 'u1' });
const decided = (data: Partial<EventDataByName['Decided']> = {}, id = 'd1') =>
  event(
    'Decided',
    {
      ...{ to: 5, mode: 'panic', panicSinceMs, routing: 'activator' },
      reason: '49.8 in flight ÷ 10 a pod = 5',
      ...data,
    },
    id,
  );
const applied = (data: Partial<EventDataByName['ScaleApplied']> = {}) =>
  event('ScaleApplied', { from: 2, to: 5, decisionId: 'd1', because: 'decided', ...data });

const textsOf = (...events: readonly AnyEvent[]) => {
  const report: Report = initialReport();
  const texts = events.flatMap((one) => evolveReport(report, one)?.text ?? []);
  return { report, texts: texts.map(({ type, reason, message }) => [type, reason, message]) };
};

describe('an Event', () => {
  it('of a scale says why: what was decided, and since when it panics', () => {
    expect(textsOf(appeared, decided(), applied()).texts.at(-1)).toEqual([
      'Normal',
      'Scaled',
      'Scaled 2 → 5: 49.8 in flight ÷ 10 a pod = 5; panic since 10:41:30 UTC',
    ]);
    const calm = decided({ mode: 'stable', panicSinceMs: null });
    expect(textsOf(appeared, calm, applied()).texts.at(-1)?.[2]).toBe(
      'Scaled 2 → 5: 49.8 in flight ÷ 10 a pod = 5',
    );
  });

  it('does not give the reason of another decision than the one that was applied', () => {
    const newer = decided({ to: 9 }, 'd2');
    expect(textsOf(appeared, decided(), newer, applied()).texts.at(-1)?.[2]).toBe('Scaled 2 → 5');
  });

  it('says that others moved the replicas, and that they were put back', () => {
    const drift = event('ReplicasDrifted', { expected: 5, observed: 8, fieldManager: 'kubectl' });
    const back = applied({ from: 8, because: 'drifted' });
    const { texts } = textsOf(appeared, decided(), drift, back);
    expect(texts.slice(1)).toEqual([
      [
        'Warning',
        'ReplicasDrifted',
        expect.stringMatching(/^kubectl set 8 replicas, decided are 5/),
      ],
      ['Normal', 'Scaled', expect.stringMatching(/^Scaled 8 → 5 again, as was decided: 49\.8 /)],
    ]);
    const woken = applied({ from: 0, to: 1, because: 'woken', decisionId: 'k1' });
    expect(textsOf(appeared, woken).texts.at(-1)?.[2]).toBe('Scaled 0 → 1: requests wait at zero');
  });

  it('says what of the settings is refused, and when they are taken again', () => {
    const complaint = {
      ...{ path: '', key: 'target', value: 'ten' },
      ...{ allowed: 'a number', message: 'is no number' },
    };
    const refused = event('PolicyRefused', { complaints: [complaint, complaint] });
    const set = event('PolicySet', {});
    const { texts } = textsOf(appeared, set, refused, set, set);
    expect(texts.slice(1).map(([type, reason]) => [type, reason])).toEqual([
      ['Warning', 'PolicyRefused'],
      ['Normal', 'PolicyTaken'],
    ]);
    expect(texts[1]?.[2]).toContain('target: ten is no number; allowed: a number');
  });

  it('of a scale that failed is told unless it is tried again at once', () => {
    const failed = (code: string, attempt: number) =>
      event('ScaleFailed', { to: 5, code, attempt, retriable: true, message: 'said no' });
    expect(textsOf(appeared, failed('PLATFORM_CONFLICT', 1)).texts.length).toBe(1);
    expect(textsOf(appeared, failed('PLATFORM_CONFLICT', 3)).texts.length).toBe(2);
    expect(textsOf(appeared, failed('PLATFORM_UNREACHABLE', 1)).texts.at(-1)?.[2]).toBe(
      '5 replicas were not taken; it is tried again: said no',
    );
  });

  it('is told of what Flyball takes and lets go, not of what is deleted', () => {
    const gone = (reason: 'deleted' | 'opted-out') => event('WorkloadGone', { uid: 'u1', reason });
    expect(textsOf(appeared, gone('deleted')).texts.map(([, reason]) => reason)).toEqual(['Taken']);
    const { texts, report } = textsOf(appeared, gone('opted-out'), applied());
    expect(texts.map(([, reason]) => reason)).toEqual(['Taken', 'LetGo']);
    expect(report.workloads).toEqual({});
  });
});

describe('the pace', () => {
  const text: EventText = { type: 'Normal', reason: 'Scaled', message: 'Scaled 1 → 2' };

  it('tells a row at once, counts the rest, and tells the count with the next', () => {
    let nowMs = 0;
    const pace = createEventPace(() => nowMs);
    const take = () => pace.take(workload, text, panicSinceMs)?.message;
    const row = Array.from({ length: eventsAtOnceMax + 3 }, take);
    expect(row.filter((one) => one !== undefined).length).toBe(eventsAtOnceMax);
    nowMs += eventPauseMs;
    expect(take()).toBe('Scaled 1 → 2 (3 more since 10:41:30 UTC were not told)');
    expect(take()).toBeUndefined();
    expect(pace.take('default/other', text, panicSinceMs)).toEqual(text);
  });

  it('never tells more than a row and one in each pause', () => {
    let nowMs = 0;
    const pace = createEventPace(() => nowMs);
    let count = 0;
    for (; nowMs < 20 * eventPauseMs; nowMs += 100) {
      if (pace.take(workload, text, nowMs) !== undefined) count += 1;
    }
    expect(count).toBeLessThanOrEqual(eventsAtOnceMax + 20);
  });
});

describe('the annotations', () => {
  it('say how it is, and what somebody has to mend', () => {
    const { report } = textsOf(appeared, decided());
    const status = statusAnnotationsOf(report.workloads[workload]);
    expect(status).toEqual({
      'flyball.dev/status-desired': '5',
      'flyball.dev/status-mode': 'panic since 2026-01-01T10:41:30Z',
      'flyball.dev/status-routing': 'activator',
      'flyball.dev/status-reason': '49.8 in flight ÷ 10 a pod = 5',
      'flyball.dev/status-decided-at': '2026-01-01T10:43:00Z',
      'flyball.dev/status-problem': null,
    });
    const broken = event('ScaleFailed', {
      code: 'PLATFORM_REFUSED',
      message: 'no',
      retriable: false,
    });
    const failing = textsOf(appeared, decided(), broken).report.workloads[workload];
    expect(statusAnnotationsOf(failing)['flyball.dev/status-problem']).toBe('PLATFORM_REFUSED: no');
    const mended = textsOf(appeared, decided(), broken, applied()).report.workloads[workload];
    expect(statusAnnotationsOf(mended)['flyball.dev/status-problem']).toBeNull();
  });

  it('are written where they differ only, and taken away when it is let go', () => {
    const { report } = textsOf(appeared, decided());
    const wanted = statusAnnotationsOf(report.workloads[workload]);
    const there: Record<string, string> = { other: 'stays' };
    for (const [key, value] of Object.entries(wanted)) if (value !== null) there[key] = value;
    expect(statusDifference(wanted, there)).toBeUndefined();
    expect(statusDifference(wanted, { ...there, 'flyball.dev/status-desired': '4' })).toEqual({
      'flyball.dev/status-desired': '5',
    });
    const taken = statusDifference(statusAnnotationsOf(undefined), there) ?? {};
    expect(Object.values(taken)).toEqual([null, null, null, null, null]);
    expect(statusDifference(statusAnnotationsOf(undefined), { other: 'stays' })).toBeUndefined();
  });
});
