/** Appends that ask whether the log still holds what was read: one look answers them all. */
import { OutsideError } from '@flyball/contracts';
import { type Position, startMemoryServer } from '@flyball/event-log';
import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { createPositionCheck } from './position-check.ts';
import { streamOver } from './testing/stream-road.ts';

const appendsUnderWay = 100;

const opened = async () => {
  const server = startMemoryServer();
  const log = server.connect();
  const { createdAt: streamCreatedAt } = await log.events.state();
  const subject = 'flyball.events.0.ticks';
  const tell = async (id: string): Promise<Position> => {
    await log.events.append({ subject, id, body: '{}' });
    return { streamCreatedAt, seq: server.lastSeq('EVENTS'), eventId: id };
  };
  const seen = { position: await tell('tick-1'), looks: 0, losses: 0 };
  let answer = async (): Promise<void> => undefined;
  const state = (): Promise<void> => {
    seen.looks += 1;
    return answer();
  };
  const check = createPositionCheck({
    ...{ log, stream: streamOver(log.events, { state }), clock: systemClock },
    signal: new AbortController().signal,
    position: () => seen.position,
    onLost: () => {
      seen.losses += 1;
    },
  });
  check.opened(log.connection());
  await check.settled();
  seen.looks = 0;
  const askAll = (): Promise<PromiseSettledResult<number | undefined>[]> =>
    Promise.allSettled(Array.from({ length: appendsUnderWay }, () => check.holdsOver()));
  const reconnect = (): void => {
    log.disconnect();
    log.reconnect();
  };
  const answerBy = (by: () => Promise<void>): void => {
    answer = by;
  };
  return { server, seen, tell, check, askAll, reconnect, answerBy };
};

const all = (value: number | undefined) =>
  Array(appendsUnderWay).fill({ status: 'fulfilled', value });

it('looks once after a reconnect, whatever number of appends is under way', async () => {
  const { seen, askAll, reconnect } = await opened();
  reconnect();
  expect(await askAll()).toEqual(all(2));
  expect(await askAll()).toEqual(all(2));
  expect(seen.looks).toBe(1);
});

it('tells all of them of a loss, which is one', async () => {
  const { server, seen, askAll, reconnect } = await opened();
  server.loseTail('EVENTS', 0);
  reconnect();
  expect(await askAll()).toEqual(all(undefined));
  expect(seen).toMatchObject({ looks: 1, losses: 1 });
});

it('looks anew for what was read since a look began', async () => {
  const { seen, tell, check, reconnect, answerBy } = await opened();
  const answered = Promise.withResolvers<void>();
  answerBy(() => answered.promise);
  reconnect();
  const first = check.holdsOver();
  await expect.poll(() => seen.looks).toBe(1);
  seen.position = await tell('tick-2');
  const second = check.holdsOver();
  await expect.poll(() => seen.looks).toBe(2);
  answered.resolve();
  expect(await Promise.all([first, second])).toEqual([2, 2]);
  expect(seen.looks).toBe(2);
});

it('tells all of them that the log did not answer, and looks again when asked again', async () => {
  const { seen, askAll, reconnect, answerBy } = await opened();
  const away = new OutsideError('NATS_TIMEOUT', 'no answer', { retriable: true });
  answerBy(() => Promise.reject(away));
  reconnect();
  const refused = { status: 'rejected', reason: away };
  expect(await askAll()).toEqual(Array(appendsUnderWay).fill(refused));
  answerBy(async () => undefined);
  expect(await askAll()).toEqual(all(2));
  expect(seen.looks).toBe(2);
});
