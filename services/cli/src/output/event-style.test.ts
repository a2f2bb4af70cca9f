/** What should not happen stands out. */
import { type AnyEvent, eventNames, pens } from '@flyball/contracts';
import { expect, it } from 'vitest';
import { eventStyle } from './event-style.ts';

const event = (type: string, pen: string): AnyEvent =>
  ({ id: 'x', type, pen, partition: 0, source: '/x', atMs: 0, data: {} }) as unknown as AnyEvent;

it('colours what should not happen red, whatever its pen', () => {
  expect(eventStyle(event('ScaleFailed', 'actions'))).toBe('red');
  expect(eventStyle(event('ScaleApplied', 'actions'))).toBe('green');
  for (const type of eventNames) {
    for (const pen of Object.keys(pens)) expect(eventStyle(event(type, pen))).toBeDefined();
  }
});
