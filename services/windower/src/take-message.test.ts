/** Messages that cannot be taken: put aside with their reason, told once, passed by afterwards. */
import { encodeUnchained, samplesSubject } from '@flyball/contracts';
import type { StoredMessage } from '@flyball/event-log';
import { expect, it } from 'vitest';
import { takeBatch, takeEvent } from './take-message.ts';
import { bareTenure, partition } from './testing/bare-tenure.ts';

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
  expect([tenure.state.eventsThroughSeq, tenure.eventId, tenure.samplesId]).toEqual([
    0,
    '',
    undefined,
  ]);
  expect((await deadLetters()).map(({ code, stream }) => [code, stream])).toEqual([
    ['LOG_CORRUPT', 'SAMPLES'],
    ['LOG_CORRUPT', 'EVENTS'],
  ]);
});
