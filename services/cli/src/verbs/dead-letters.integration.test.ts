/** Dead letters over real NATS: stages write them, the operator may settle them and no more. */
import { type NatsUser, natsPermissions, samplesSubject, subjectOf } from '@flyball/contracts';
import { connectEventLog, createStreams, type EventLog } from '@flyball/event-log';
import { availableNatsServers, startNatsServer } from '@flyball/event-log/testing';
import { appendDeadLetter, lastRefoldId, systemClock } from '@flyball/service';
import { expect, test } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import {
  poisonPartition as partition,
  podReady,
  podReadyBody,
  sampleBatch,
} from '../testing/poison.ts';
import { showDeadLetters } from './dead-letters.ts';
import { dropLetters, retryLetters } from './dead-letters-settle.ts';

const password = 'only-for-tests';
const { signal } = new AbortController();
const clock = systemClock;

const users = (['admin', 'watcher', 'windower', 'decider', 'operator', 'reader'] as const).map(
  (user) => ({ user, password, permissions: natsPermissions(user) }),
);
const configText = `authorization: { users: ${JSON.stringify(users)} }`;

interface From {
  readonly stream: string;
  readonly subject: string;
  readonly seq?: number;
}

const putAside = (log: EventLog, stage: string, from: From) => {
  const body = from.stream === 'SAMPLES' ? sampleBatch : podReadyBody;
  const message = { seq: from.seq ?? 1, subject: from.subject, body };
  const poison = { stage, partition, stream: from.stream, message, code: 'STAGE_THREW' };
  const told = { ...poison, reason: 'a mistake', refoldId: '', atMs: clock.nowMs() };
  return appendDeadLetter(log.deadLetters, told, { clock, signal });
};

test.each(await availableNatsServers())(
  'nats-server $version lets them be settled',
  async (one) => {
    await using server = await startNatsServer({ binary: one, configText });
    const connection = { servers: server.url, password, name: 'test' };
    await createStreams({ ...connection, user: 'admin' });
    const logs: EventLog[] = [];
    const as = async (user: NatsUser): Promise<EventLog> => {
      const log = await connectEventLog({ ...connection, user });
      logs.push(log);
      return log;
    };
    try {
      const [watcher, windower, decider] = [
        await as('watcher'),
        await as('windower'),
        await as('decider'),
      ];
      const log = await as('operator');
      const eventPlace = { stream: 'EVENTS', subject: subjectOf(podReady) };
      await watcher.events.append({
        subject: eventPlace.subject,
        id: podReady.id,
        body: podReadyBody,
        expectedLastSeq: 0,
      });
      await putAside(windower, 'windower', {
        stream: 'SAMPLES',
        subject: samplesSubject(partition),
      });
      await putAside(decider, 'decider', eventPlace);
      await putAside(decider, 'decider', {
        ...eventPlace,
        seq: 2,
      });
      const terminal = captureTerminal();
      const operator = { log, clock, by: 'ana' };
      expect(
        await retryLetters({ terminal, signal }, operator, { ids: ['1', '2'], all: false }),
      ).toBe(0);
      expect(await dropLetters({ terminal, signal }, operator, { ids: [], all: true })).toBe(0);
      expect(terminal.lines).toEqual([
        '1: sent again to flyball.samples.3',
        '2: the decider folds partition 3 anew',
        '3: dropped',
      ]);
      expect((await windower.samples.last(samplesSubject(partition)))?.body).toBe(sampleBatch);
      // The stage itself can see that it is asked, and its own is the only one that is.
      expect(await lastRefoldId({ log: decider, stage: 'decider', partition })).toMatch(
        /:retried$/,
      );
      expect(await lastRefoldId({ log: windower, stage: 'windower', partition })).toBe('');
      const reader = { log: await as('reader'), partitionCount: 8, clock };
      const told = captureTerminal();
      expect(await showDeadLetters({ terminal: told, signal }, reader, { output: 'json' })).toBe(0);
      expect(JSON.parse(told.lines.join(''))).toEqual([]);
    } finally {
      await Promise.all(logs.map((log) => log.close()));
    }
  },
);
