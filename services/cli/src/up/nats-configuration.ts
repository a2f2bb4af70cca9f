/** The configuration of a nats-server that we start: one user per service, its own pen only. */
import { natsPermissions, natsUsers } from '@flyball/contracts';
import type { Secrets } from './data-folder.ts';

/** Snapshots of a partition may be larger than the default of 1 MB. */
const maxPayload = '8MB';
const maxFileStore = '64GB';

export interface NatsConfiguration {
  readonly port: number;
  readonly storeFolder: string;
  readonly version: string;
  readonly secrets: Secrets;
}

const atLeast = (version: string, major: number, minor: number): boolean => {
  const [ours = 0, theirs = 0] = version.split('.').map(Number);
  return ours > major || (ours === major && theirs >= minor);
};

/** JSON is valid in the server's configuration format, which spares us its quoting rules. */
const user = (name: (typeof natsUsers)[number], password: string): string =>
  JSON.stringify({ user: name, password, permissions: natsPermissions(name) });

/** `sync_interval` is known from 2.10 on; 2.9 does not start with it. */
export const natsConfiguration = (given: NatsConfiguration): string => {
  const sync = atLeast(given.version, 2, 10) ? '\n  sync_interval: "1s"' : '';
  const users = natsUsers.map((name) => `    ${user(name, given.secrets.nats[name])}`);
  return `# Written by flyball at each start.
listen: "127.0.0.1:${given.port}"
server_name: flyball
max_payload: ${maxPayload}
jetstream {
  store_dir: ${JSON.stringify(given.storeFolder)}
  max_file_store: ${maxFileStore}${sync}
}
authorization {
  users: [
${users.join('\n')}
  ]
}
`;
};
