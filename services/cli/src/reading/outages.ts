/** What happens to a log while it is followed: outages are reported, and the end of its Flyball. */
import { resolve } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import type { EventLog } from '@flyball/event-log';
import type { Terminal } from '../output/terminal.ts';
import { type ProcessIdentity, stillRuns } from '../up/process-identity.ts';

/** A Flyball that has ended is noticed within this time. */
const lookEveryMs = 1_000;

/** Says when NATS goes away and when it is back, until the function that it gives is called. */
export const tellOutages = (
  log: Pick<EventLog, 'onStatus'>,
  terminal: Pick<Terminal, 'note'>,
): (() => void) =>
  log.onStatus((status) => {
    if (status === 'disconnected') {
      terminal.note('NATS does not answer; this goes on when it does.', 'yellow');
    } else if (status === 'connected') {
      terminal.note('NATS answers again.', 'green');
    }
  });

/** Rejects with NOT_RUNNING once the supervisor of the folder has ended, unless aborted before. */
export const untilEnded = (
  supervisor: ProcessIdentity,
  dataFolder: string,
  signal: AbortSignal,
): Promise<never> =>
  new Promise((_, reject) => {
    const look = setInterval(() => {
      if (stillRuns(supervisor)) return;
      clearInterval(look);
      const message = `The Flyball with ${resolve(dataFolder)} has ended.`;
      reject(new OutsideError('NOT_RUNNING', message, { retriable: false }));
    }, lookEveryMs);
    signal.addEventListener('abort', () => clearInterval(look), { once: true });
  });
