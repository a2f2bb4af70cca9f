/** The record of a run as a supervisor writes it, of which nothing listens anywhere. */
import type { RunRecord } from '../up/data-folder.ts';

export const runRecordOf = (
  supervisor: RunRecord['supervisor'],
  changes: Partial<RunRecord> = {},
): RunRecord => ({
  ...{ supervisor, startedAtMs: 0, gatewayUrl: 'http://127.0.0.1:1', domain: 'example.com' },
  ...{ natsUrl: 'nats://127.0.0.1:1', redisUrl: 'redis://127.0.0.1:1' },
  ...{ platformUrl: 'http://127.0.0.1:1', traces: false, healthUrls: {}, processes: [] },
  ...changes,
});
