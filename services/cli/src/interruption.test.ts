/** Ctrl-C is no failure, and a failure is no Ctrl-C. */
import { OutsideError } from '@flyball/contracts';
import { tellStory } from '@flyball/reading/testing';
import { expect, it } from 'vitest';
import { isInterruption } from './interruption.ts';
import { captureTerminal } from './testing/captured-terminal.ts';
import { showExplanation } from './verbs/explain.ts';
import { showHistory } from './verbs/history.ts';
import { showPolicy } from './verbs/policy.ts';
import { showStateAt } from './verbs/replay-state.ts';

const signal = AbortSignal.abort();
const { reader, workload, nowMs: atMs } = await tellStory();
const asked = { data: 'unused', output: 'text', workload } as const;

type Context = Parameters<typeof showHistory>[0];
it.each([
  ['explain', (context: Context) => showExplanation(context, reader, asked)],
  ['explain --at', (context: Context) => showExplanation(context, reader, { ...asked, atMs })],
  ['replay state', (context: Context) => showStateAt(context, reader, { ...asked, atMs })],
  ['policy', (context: Context) => showPolicy(context, reader, asked)],
  ['history', (context: Context) => showHistory(context, reader, { ...asked, follow: false })],
])('%s gives no answer when it is ended before it has read all', async (_, show) => {
  const terminal = captureTerminal();
  const error = await show({ terminal, signal }).catch((thrown: unknown) => thrown);
  expect(isInterruption(error, signal)).toBe(true);
  expect(terminal.lines).toEqual([]);
});

it('is not what goes wrong before it, nor what has another cause', () => {
  const failure = new OutsideError('NATS_TIMEOUT', 'Too late.', { retriable: true });
  expect(isInterruption(failure, signal)).toBe(false);
  expect(isInterruption(new Error('a mistake', { cause: signal.reason }), signal)).toBe(true);
  const going = new AbortController().signal;
  expect(isInterruption(new Error('a mistake'), going)).toBe(false);
});
