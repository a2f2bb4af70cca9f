/** The decoders on messages of every event, broken in every way: a value or a reason. */
import {
  type Decoded,
  decodeDeadLetter,
  decodeEvent,
  decodeSamples,
  encodeUnchained,
} from '@flyball/contracts';
import { deadLetterOf } from '@flyball/service';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzz } from '../fuzz-runs.ts';
import { brokenMessage, nonsense } from './broken-messages.ts';
import { hardMessages } from './hard-messages.ts';
import { type Message, recordedMessages } from './recorded-messages.ts';

const seq = 7;

/** The decoder that the readers of this subject use. */
const decode = ({ subject, body }: Message): Decoded => {
  if (subject.startsWith('flyball.samples')) return decodeSamples(body, subject, seq) as Decoded;
  if (subject.startsWith('flyball.deadletters')) return decodeDeadLetter(body, subject, seq);
  return decodeEvent(body, subject, seq);
};

/** What is longer than this is no sentence: it would fill the log and the terminal. */
const reasonMax = 4_096;

const judge = (message: Message): void => {
  const decoded = decode(message);
  if (!decoded.ok) {
    expect(decoded.reason).not.toBe('');
    expect(decoded.reason).not.toMatch(/\n\s+at /);
    expect(decoded.reason.length).toBeLessThanOrEqual(reasonMax);
    const { subject, body } = message;
    const poison = { stage: 'decider', partition: 3, stream: 'EVENTS', code: 'LOG_CORRUPT' };
    const letter = deadLetterOf({
      ...{ ...poison, message: { seq, subject, body }, reason: decoded.reason },
      ...{ refoldId: '', atMs: 0 },
    });
    const told = decodeDeadLetter(encodeUnchained(letter), 'flyball.deadletters.3.decider', 1);
    expect(told).toMatchObject({ ok: true });
    return;
  }
  // What is taken can be written again and is the same: nothing was taken by halves.
  const { seq: place, ...event } = decoded.event;
  expect(place).toBe(seq);
  const again = decode({ ...message, body: encodeUnchained(event) });
  expect(again).toEqual(decoded);
};

describe('the decoders', () => {
  it('take every recorded message', () => {
    expect(recordedMessages.length).toBeGreaterThan(25);
    for (const message of recordedMessages) {
      expect(decode(message), message.body).toMatchObject({ ok: true });
      judge(message);
    }
  });

  it('take a broken message whole or say why they do not', () => fuzz(2_000, brokenMessage, judge));

  it('say why nonsense is not taken', () =>
    fuzz(500, nonsense, (message) => {
      expect(decode(message).ok).toBe(false);
      judge(message);
    }));

  it('refuse another event, workload or partition than that of the subject', () =>
    fuzz(
      500,
      fc.tuple(fc.constantFrom(...recordedMessages), fc.constantFrom(...recordedMessages)),
      ([one, other]) => {
        const decoded = decode({ subject: one.subject, body: other.body });
        const penOf = ({ subject }: Message) =>
          subject
            .split('.')
            .slice(0, 6)
            .join('.')
            .replace(/(settled|refold)$/, 'answer');
        if (penOf(one) !== penOf(other)) expect(decoded.ok).toBe(false);
      },
    ));

  it.each(hardMessages)('refuse $name', ({ message, reason }) => {
    expect(decode(message)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
    judge(message);
  });
});
