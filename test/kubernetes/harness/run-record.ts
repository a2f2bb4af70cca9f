/** Lets the `flyball` command read a Flyball that a test has put together. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { natsUsers } from '@flyball/contracts';
import { identityOf } from '@flyball/service';
import type { Stores } from './stores.ts';

export interface RecordedRun {
  readonly data: string;
  readonly stores: Stores;
  readonly gatewayUrl: string;
  readonly domain: string;
}

/** Writes what `--data` of a reading verb needs to find it. */
export const writeRunRecord = async (run: RecordedRun): Promise<void> => {
  const { data, stores, gatewayUrl, domain } = run;
  const { natsUrl, redisUrl, password } = stores;
  const identity = identityOf(process.pid) ?? '';
  const record = {
    supervisor: { name: 'test', pid: process.pid, identity },
    ...{ startedAtMs: Date.now(), gatewayUrl, domain, natsUrl, redisUrl },
    // Nothing of this machine runs the pods.
    platformUrl: 'http://127.0.0.1:1',
    ...{ healthUrls: {}, processes: [] },
  };
  const nats = Object.fromEntries(natsUsers.map((user) => [user, password]));
  const secrets = { nats, redis: password, platform: password };
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFile(join(data, 'run.json'), JSON.stringify(record), { mode: 0o600 });
  await writeFile(join(data, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 });
};
