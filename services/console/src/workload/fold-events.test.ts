/** What activators hold is a line over time, and no list of all that ever ran. */
import type { RecordedEvent } from '@flyball/contracts';
import { expect, it } from 'vitest';
import { createEventLines, foldEvent } from './fold-events.ts';

const stretch = { fromMs: 0, toMs: 100_000 };

const counted = (atMs: number, boot: number, waiting: number): RecordedEvent => {
  const counts = { held: 3, released: 0, timedOut: 0, shed: 0, abandoned: 0, waitedMaxMs: 0 };
  const told = { id: `c${atMs}`, pen: 'requests', workload: 'default/web', partition: 0 } as const;
  const source = `/flyball/activator/gw0-b${boot}`;
  const data = { ...counts, waiting };
  return { ...told, type: 'RequestsCounted', source, atMs, seq: atMs + 1, data } as RecordedEvent;
};

it('keeps of all activators that ever ran only those that hold requests', () => {
  const lines = createEventLines(() => stretch);
  for (let boot = 0; boot < 20; boot += 1) {
    foldEvent(lines, counted(boot * 10, boot, 2), stretch);
    foldEvent(lines, counted(boot * 10 + 5, boot, 0), stretch);
  }
  foldEvent(lines, counted(1_000, 20, 4), stretch);
  expect([...lines.waitingBy]).toEqual([['gw0-b20', 4]]);
  expect(lines.waiting.last()).toEqual([1_000, 4]);
  expect(lines.waiting.at(195)).toBe(0);
});
