/** What recovery read ahead of its state is given up again as the state goes past it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RecordedEvent } from '@flyball/contracts';
import { expect, it } from 'vitest';
import { noFence } from './fences.ts';
import { indexRecorded, type RecordedOutput } from './recorded-outputs.ts';
import { tick } from './testing/partition-story.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const outputOf = (causationId: string, seq: number): RecordedOutput => ({
  event: { ...tick(seq, [], 0), causationId, seq } as RecordedEvent,
  ...{ messageId: `${seq}`, subject: 'own', fence: { ...noFence, seq } },
});

/** Outputs of two inputs, of which only the index knows, and what tells when they are gone. */
const indexed = () => {
  const outputs = [outputOf('read', 11), outputOf('purged', 12)];
  const refs = outputs.map((output) => new WeakRef(output));
  const kept = () => {
    collectGarbage();
    return refs.filter((ref) => ref.deref() !== undefined).length;
  };
  return { recorded: indexRecorded(outputs), kept };
};

it('no output stays in memory once it was folded', async () => {
  const { recorded, kept } = indexed();
  recorded.reconcile('read', []);
  await expect.poll(kept, { timeout: 5_000 }).toBe(1);
  recorded.takeAt(12);
  await expect.poll(kept, { timeout: 5_000 }).toBe(0);
  expect(recorded.remaining()).toBe(0);
});
