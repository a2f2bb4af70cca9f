/** Real messages of every event and every version: what the fuzzers begin with. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeUnchained, samplesSubject } from '@flyball/contracts';
import { readHistory } from '../../traces/history.ts';

/** A message as its reader gets it. */
export interface Message {
  readonly subject: string;
  readonly body: string;
}

const folder = join(import.meta.dirname, '../../traces/history');

const typeOf = (body: string): string => /"type":"([^"]+)"/.exec(body)?.[1] ?? '';

const samples: Message = {
  subject: samplesSubject(3),
  body: encodeUnchained({
    ...{ id: 'activator-gw0:3:1', type: 'SamplesReported', partition: 3, pen: 'samples' },
    ...{ source: '/flyball/activator/gw0', atMs: 1_767_225_600_000 },
    data: {
      ...{ source: 'activator-gw0', secondAtMs: 1_767_225_600_000, partial: false },
      rows: {
        ...{ workloads: ['default/web'], concurrencyMilli: [5], requestsMilli: [7] },
        ...{ inFlight: [1], traceparents: [null] },
      },
      covered: ['default/idle'],
    },
  }),
};

/** One message of each event and version, as it was stored. */
export const recordedMessages: readonly Message[] = [
  samples,
  ...new Map(
    globSync('v*/*.jsonl', { cwd: folder })
      .sort()
      .flatMap((file) => readHistory(readFileSync(join(folder, file), 'utf8'), file))
      .map(({ subject, body }): [string, Message] => [typeOf(body), { subject, body }]),
  ).values(),
];
