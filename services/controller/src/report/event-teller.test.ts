/** In what order and how fast Events are told. */
import { VirtualTime, virtualClock } from '@flyball/service/testing';
import { expect, it } from 'vitest';
import { createEventTeller } from './event-teller.ts';

const open = () => {
  const time = new VirtualTime();
  const stop = new AbortController();
  const told: { readonly name: string; readonly calledMs: number; readonly atMs?: number }[] = [];
  const teller = createEventTeller({
    clock: virtualClock(time, 0),
    logger: { warn: () => undefined, error: () => undefined },
    signal: stop.signal,
    events: {
      record: async ({ metadata }, _, atMs = -1) => {
        told.push({ name: metadata.name, calledMs: time.nowMs, atMs });
      },
    },
  });
  const tell = (name: string): void =>
    teller.tell(`default/${name}`, 'u1', { type: 'Normal', reason: 'Scaled', message: 'm' });
  return { told, tell, stop, run: (forMs: number) => time.run(time.nowMs + forMs) };
};

it('tells one at once, and many of a moment one after the other, as of that moment', async () => {
  const { told, tell, run } = open();
  for (let n = 0; n < 5; n += 1) tell(`web-${n}`);
  await run(1_000);
  expect(told).toEqual(
    [0, 1, 2, 3, 4].map((n) => ({ name: `web-${n}`, calledMs: n * 100, atMs: 0 })),
  );
});

it('tells nothing more once it is over', async () => {
  const { told, tell, run, stop } = open();
  for (let n = 0; n < 5; n += 1) tell(`web-${n}`);
  await run(150);
  stop.abort();
  tell('web-9');
  await run(1_000);
  expect(told).toHaveLength(2);
});
