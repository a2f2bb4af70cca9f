/** The inputs of a decision are told in words, with the unit of what was measured. */
import { expect, it } from 'vitest';
import { inputWords } from './explained-input.ts';

const told = (name: string, value: string | number | boolean | null, metric?: 'rps') =>
  inputWords({ name, value, unit: '' }, { metric, nowMs: 0 })?.join(': ');

it.each([
  ['stableAverage', 12.3456, 'average over the stable window: 12.346 requests/s'],
  ['targetValue', 150, 'target of a pod: 150 requests/s'],
  ['excessBurstCapacity', -3, 'room beyond the burst capacity: -3 requests/s'],
  ['inFlight', 5, 'at that moment: 5 in flight'],
  ['readyPods', 0, 'pods ready: 0'],
  ['seen', 'blind', 'averages are: blind: nobody could measure'],
  ['reachable', false, 'a route leads to it: no'],
])('%s %s under rps', (name, value, expected) => {
  expect(told(name, value, 'rps')).toBe(expected);
});

it('has no unit where the metric is not known any more, and no row for what was not given', () => {
  expect(told('panicAverage', 0.5)).toBe('average over the panic window: 0.5');
  expect(told('panicAverage', null)).toBeUndefined();
});
