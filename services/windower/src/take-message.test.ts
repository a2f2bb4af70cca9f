/** Messages that cannot be taken: put aside with their reason, told once, passed by afterwards. */
import { encodeUnchained, eventFrom, samplesSubject, subjectOf } from '@flyball/contracts';
import { windower } from '@flyball/domain';
import type { StoredMessage } from '@flyball/event-log';
import { expect, it } from 'vitest';
import { takeBatch, takeEvent } from './take-message.ts';
import { bareTenure, partition } from './testing/bare-tenure.ts';

const rows = {
  ...{ workloads: [], concurrencyMilli: [], requestsMilli: [] },
  ...{ inFlight: [], traceparents: [] },
};
const onlyRow = {
  ...{ stableMilli: [1], panicMilli: [2], seen: ['measured' as const] },
  ...{ coveredAtMs: [1_767_225_601_000], inFlight: [null], traceparents: [null] },
};
const batch: StoredMessage = {
  ...{ seq: 7, subject: samplesSubject(partition), id: 'a:0:0', storedAtMs: 0 },
  body: encodeUnchained({
    ...{ id: 'a:0:0', type: 'SamplesReported', partition, pen: 'samples', atMs: 0 },
    source: '/flyball/activator/a',
    data: { source: 'activator-a', secondAtMs: 0, partial: false, rows, covered: [] },
  }),
};

it('a batch on which the stage throws ends this state, and is passed by in the next', async () => {
  const { tenure, deadLetters } = bareTenure();
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
  const { tenure, deadLetters } = bareTenure();
  await takeBatch(tenure, { ...batch, body: 'poison' }, () => {
    throw new Error('it was taken');
  });
  await takeEvent(tenure, { ...batch, subject: 'flyball.events.0.ticks', body: '{}' });
  expect(tenure.fencedBy).toBeUndefined();
  // The position stays that of what was folded: together with another id it would look lost.
  expect([tenure.state.eventsThroughSeq, tenure.eventId, tenure.samplesId]).toEqual([0, '', '']);
  expect((await deadLetters()).map(({ code, stream }) => [code, stream])).toEqual([
    ['LOG_CORRUPT', 'SAMPLES'],
    ['LOG_CORRUPT', 'EVENTS'],
  ]);
});

it('what it passes by moves its place as reading it would', async () => {
  const { tenure, deadLetters } = bareTenure();
  const atMs = 1_767_225_602_200;
  const through = eventFrom({
    ...{ type: 'DecidedThrough', pen: 'progress', partition, source: '/flyball/decider' },
    cause: { id: 'w1', atMs },
    data: { tickId: 'w1', tickAtMs: atMs, throughSeq: 4, workloads: 1, decisions: 0 },
  });
  const stored = { seq: 5, subject: subjectOf(through), id: through.id, storedAtMs: atMs };
  await takeEvent(tenure, { ...stored, body: 'is not read' });
  const read = windower.evolve(windower.initialState(partition), { ...through, seq: 5 });
  expect(tenure.state).toEqual(read);
  expect(tenure.eventId).toBe(through.id);
  expect(await deadLetters()).toEqual([]);
});

it('moves its position and the id there in one step: snapshots may come between', async () => {
  const { tenure } = bareTenure();
  const atMs = 1_767_225_602_200;
  const tick = eventFrom({
    ...{ type: 'TickObserved', pen: 'ticks', partition, source: '/flyball/windower' },
    cause: { id: 'w1-1', atMs },
    data: {
      ...{ kind: 'tick', part: 1, parts: 1, samplesThroughSeq: 0, eventsThroughSeq: 0 },
      rows: { workloads: ['default/web'], ...onlyRow },
    },
  });
  const stored = { seq: 3, subject: subjectOf(tick), id: tick.id, storedAtMs: atMs };
  const takings = [
    takeEvent(tenure, { ...stored, body: encodeUnchained(tick) }),
    takeBatch(tenure, batch, (taken) => {
      tenure.state = windower.evolve(tenure.state, taken);
    }),
  ];
  expect([tenure.state.eventsThroughSeq, tenure.eventId]).toEqual([3, tick.id]);
  expect([tenure.state.samplesThroughSeq, tenure.samplesId]).toEqual([batch.seq, batch.id]);
  await Promise.all(takings);
});

it('a tick of its own is taken as it was told, one of another owner as it is stored', async () => {
  const tick = (number: number) =>
    eventFrom({
      ...{ type: 'TickObserved', pen: 'ticks', partition, source: '/flyball/windower' },
      cause: { id: `w${number}-1`, atMs: number },
      data: {
        ...{ kind: 'tick', part: 1, parts: 1, samplesThroughSeq: 0, eventsThroughSeq: 0 },
        rows: { workloads: ['default/web'], ...onlyRow },
      },
    });
  const { tenure } = bareTenure();
  const [own, others] = [tick(1_767_225_602_200), tick(1_767_225_604_200)];
  const stored = { subject: subjectOf(own), storedAtMs: 0 };
  tenure.told.set(own.id, own);
  await takeEvent(tenure, { ...stored, seq: 3, id: own.id, body: 'is not read' });
  expect(tenure.told.size).toBe(0);
  // Its writer knows where it is: a place that comes back late must not move the fence back.
  expect(tenure.ticks.fence(stored.subject)).toBeUndefined();
  await takeEvent(tenure, { ...stored, seq: 4, id: others.id, body: encodeUnchained(others) });
  const kept = tenure.state.ticks.map(({ id, seq }) => [id, seq]);
  expect(kept).toEqual([
    [own.id, 3],
    [others.id, 4],
  ]);
  expect(tenure.ticks.fence(stored.subject)?.seq).toBe(4);
  expect(tenure.state.eventsThroughSeq).toBe(4);
});
