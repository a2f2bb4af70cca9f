/** Rival writers, stale knowledge, lost answers, forgotten ids: the log never forks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AppendResult } from './event-log.ts';
import type { AppendFault } from './memory/memory-stream.ts';
import { startMemoryServer } from './memory.ts';

const subject = 'flyball.events.0.default.web.decisions';
const writerCount = 3;
const duplicateWindowMs = 1_000;
const seed = 20_260_102;

const action = fc.record({
  writer: fc.nat(writerCount - 1),
  what: fc.constantFrom('refold', 'append', 'append', 'repeat'),
  faults: fc.array(fc.constantFrom<AppendFault>('message-lost', 'answer-lost'), { maxLength: 3 }),
  thenMs: fc.constantFrom(0, 10, 2_000),
});

interface Writer {
  /** The last sequence of the subject that it has folded. */
  folded: number;
  /** What it sent before: a crash may send it once more. */
  sent: { id: string; body: string; expectedLastSeq: number } | undefined;
}

/** Ids are derived from what was folded, so that rivals in the same state derive the same one. */
const derive = ({ folded }: Writer, writer: number) => ({
  id: `after-${folded}`,
  body: JSON.stringify({ after: folded, by: writer }),
  expectedLastSeq: folded,
});

for (const checksFirst of ['fence', 'id'] as const) {
  test(`every message follows the one its writer had folded (${checksFirst} first)`, async () => {
    const property = fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      let nowMs = 0;
      let faults: AppendFault[] = [];
      const server = startMemoryServer({
        checksFirst,
        duplicateWindowMs,
        nowMs: () => nowMs,
        faults: () => faults.shift() ?? 'none',
      });
      const { events } = server.connect();
      const writers = Array.from(
        { length: writerCount },
        (): Writer => ({
          folded: 0,
          sent: undefined,
        }),
      );
      const judge = async (body: string, result: AppendResult) => {
        if (result.kind === 'fenced') return;
        const stored = await events.at(result.seq);
        expect(stored?.body).toBe(result.kind === 'stored' ? body : result.body);
        if (result.kind === 'duplicate') expect(result.body).not.toBe(body);
      };
      for (const { writer: index, what, ...given } of actions) {
        const writer = writers[index];
        if (writer === undefined) continue;
        if (what === 'refold') writer.folded = (await events.last(subject))?.seq ?? 0;
        if (what === 'append') writer.sent = derive(writer, index);
        if (what === 'refold' || writer.sent === undefined) continue;
        faults = [...given.faults];
        const result = await events.append({ subject, ...writer.sent });
        await judge(writer.sent.body, result);
        if (result.kind !== 'fenced') writer.folded = Math.max(writer.folded, result.seq);
        nowMs += given.thenMs;
      }
      let previous = 0;
      const never = new AbortController().signal;
      for await (const batch of events.readToEnd({ filter: '>', afterSeq: 0, signal: never })) {
        for (const { seq, body } of batch) {
          expect(JSON.parse(body)).toMatchObject({ after: previous });
          previous = seq;
        }
      }
    });
    await fc.assert(property, { seed, numRuns: 300 });
  });
}
