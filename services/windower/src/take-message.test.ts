/** Messages that cannot be taken: put aside with their reason, told once, passed by afterwards. */
import { deadLettersSubject, encodeUnchained, samplesSubject } from '@flyball/contracts';
import { windower } from '@flyball/domain';
import { openMemoryEventLog, type StoredMessage } from '@flyball/event-log';
import { openWriter, systemClock } from '@flyball/service';
import { createMemoryWindows } from '@flyball/window-store';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createWindowerMetrics } from './metrics.ts';
import { takeBatch, takeEvent } from './take-message.ts';
import type { Tenure } from './tenure.ts';

const partition = 0;
const rows = {
  ...{ workloads: [], concurrencyMilli: [], requestsMilli: [] },
  ...{ inFlight: [], traceparents: [] },
};
const batch: StoredMessage = {
  ...{ seq: 7, subject: samplesSubject(partition), id: 'a:0:0', storedAtMs: 0 },
  body: encodeUnchained({
    ...{ id: 'a:0:0', type: 'SamplesReported', partition, pen: 'samples', atMs: 0 },
    source: '/flyball/activator/a',
    data: { source: 'activator-a', secondAtMs: 0, partial: false, rows, covered: [] },
  }),
};

const world = () => {
  const log = openMemoryEventLog();
  const registry = new Registry();
  const stop = new AbortController();
  const { signal } = stop;
  const logger = pino({ level: 'silent' });
  const writer = openWriter({
    stream: log.events,
    foldedThroughSeq: 0,
    clock: systemClock,
    signal,
  });
  const tenure: Tenure = {
    ...{ log, partition, stop, signal, over: signal, clock: systemClock, broken: new Set() },
    ...{ ticks: writer, minutes: writer, told: new Set(), foldedSeconds: [], eventId: '' },
    ...{ eventsCreatedAt: '', samplesCreatedAt: '', storedCursorSeq: undefined },
    ...{ samplesId: undefined, fencedBy: undefined, failure: undefined },
    ...{ mirrorCheckEveryMs: 1_000, onStoreStatus: () => undefined },
    store: createMemoryWindows().open(),
    ownership: { isHeld: () => true },
    metrics: createWindowerMetrics(registry),
    state: windower.initialState(partition),
    life: {
      ...{ service: 'windower', instance: '1', incarnation: '1-a', signal, logger },
      ...{ metrics: registry, clock: systemClock, random: () => 0 },
      readiness: () => ({ set: () => undefined }),
      onDrain: () => undefined,
      onClose: () => undefined,
      run: () => undefined,
      announce: () => undefined,
      crash: () => undefined,
    },
  };
  const deadLetters = async () => {
    const filter = deadLettersSubject(partition, 'windower');
    const found: { readonly code: string; readonly seq: number; readonly stream: string }[] = [];
    const reading = { filter, afterSeq: 0, signal: AbortSignal.timeout(5_000) };
    for await (const some of log.deadLetters.readToEnd(reading)) {
      found.push(...some.map(({ body }) => JSON.parse(body).data));
    }
    return found;
  };
  return { tenure, deadLetters };
};

it('a batch on which the stage throws ends this state, and is passed by in the next', async () => {
  const { tenure, deadLetters } = world();
  let takes = 0;
  const take = () => {
    takes += 1;
    throw new Error('cannot fold this');
  };
  await takeBatch(tenure, batch, take);
  expect(tenure.fencedBy).toContain('SAMPLES 7');
  expect(tenure.stop.signal.aborted).toBe(true);
  const reason = expect.stringContaining('cannot fold this');
  const expected = { code: 'STAGE_THREW', seq: 7, stream: 'SAMPLES', reason };
  expect(await deadLetters()).toMatchObject([expected]);
  await takeBatch(tenure, batch, take);
  expect([takes, (await deadLetters()).length]).toEqual([1, 1]);
});

it('what is no event or no batch is put aside, and the state goes on', async () => {
  const { tenure, deadLetters } = world();
  await takeBatch(tenure, { ...batch, body: 'poison' }, () => {
    throw new Error('it was taken');
  });
  await takeEvent(tenure, { ...batch, subject: 'flyball.events.0.ticks', body: '{}' });
  expect(tenure.fencedBy).toBeUndefined();
  expect((await deadLetters()).map(({ code, stream }) => [code, stream])).toEqual([
    ['LOG_CORRUPT', 'SAMPLES'],
    ['LOG_CORRUPT', 'EVENTS'],
  ]);
});
