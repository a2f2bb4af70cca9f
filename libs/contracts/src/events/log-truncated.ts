/** The watcher: the log lost its tail. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { eventId, streamSeq } from '../values.ts';

export const LogTruncated = defineEvent(
  'LogTruncated',
  'The log ends before a position that was already read, or was replaced: events are lost.',
  z.strictObject({
    stage: z.string(),
    expectedSeq: streamSeq,
    expectedId: eventId.nullable(),
    /** The last sequence that is still the one that was read. */
    foundSeq: streamSeq,
    expectedStreamCreatedAt: z.string(),
    foundStreamCreatedAt: z.string(),
  }),
);
