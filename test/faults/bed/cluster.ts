/** Three nats-servers in a cluster, each of which can be killed, frozen and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { natsPermissions, natsUsers } from '@flyball/contracts';
import { createStreams } from '@flyball/event-log';
import { freePort, type NatsServerBinary } from '@flyball/event-log/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { markWith } from '../../e2e/harness/marked-processes.ts';
import { until } from '../../e2e/harness/until.ts';
import { connectRaw, eventsStream } from '../judge/raw-log.ts';

const memberCount = 3;
const readyLimitMs = 30_000;
const password = 'faults-cluster';

export interface NatsCluster extends AsyncDisposable {
  readonly urls: readonly string[];
  readonly password: string;
  /** Which member leads the stream EVENTS. */
  leader(): Promise<number>;
  signal(member: number, signal: NodeJS.Signals): Promise<void>;
  start(member: number): void;
}

interface Member {
  readonly port: number;
  readonly routePort: number;
  readonly configPath: string;
}

const configOf = (member: Member, index: number, all: readonly Member[], store: string): string => {
  const users = natsUsers.map((user) => ({ user, password, permissions: natsPermissions(user) }));
  const routes = all.map(({ routePort }) => `nats://127.0.0.1:${routePort}`);
  return `listen: "127.0.0.1:${member.port}"
server_name: "member-${index}"
max_payload: 8MB
jetstream { store_dir: ${JSON.stringify(store)}, sync_interval: "1s" }
cluster {
  name: faults
  listen: "127.0.0.1:${member.routePort}"
  routes: ${JSON.stringify(routes)}
}
authorization { users: ${JSON.stringify(users)} }
`;
};

const membersIn = async (folder: string): Promise<readonly Member[]> => {
  const members: Member[] = [];
  for (let index = 0; index < memberCount; index += 1) {
    const configPath = join(folder, `member-${index}.conf`);
    members.push({ port: await freePort(), routePort: await freePort(), configPath });
  }
  for (const [index, member] of members.entries()) {
    const text = configOf(member, index, members, join(folder, `store-${index}`));
    await writeFile(member.configPath, text);
  }
  return members;
};

const leaderOf = async (urls: readonly string[]): Promise<number> => {
  const connection = await connectRaw({ servers: urls, user: 'admin', password });
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const { cluster } = await manager.streams.info(eventsStream);
    return Number(/^member-(\d)$/.exec(cluster?.leader ?? '')?.[1] ?? -1);
  } finally {
    await connection.close();
  }
};

/** Starts it and makes the streams with three copies each. */
export const startNatsCluster = async (
  folder: string,
  binary: NatsServerBinary,
): Promise<NatsCluster> => {
  const own = join(folder, 'cluster');
  await mkdir(own, { recursive: true });
  const members = await membersIn(own);
  const children: (ChildProcess | undefined)[] = [];
  const start = (index: number): void => {
    const { configPath = '' } = members[index] ?? {};
    children[index] = spawn(binary.path, ['-c', configPath], {
      stdio: 'ignore',
      env: { ...markWith(folder) },
    });
  };
  const signal = async (index: number, name: NodeJS.Signals): Promise<void> => {
    const child = children[index];
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = name === 'SIGKILL' ? once(child, 'exit') : undefined;
    child.kill(name);
    await exited;
  };
  // A run that is cut off leaves none of them behind.
  const endNow = (): void => {
    for (const child of children) child?.kill('SIGKILL');
  };
  process.once('exit', endNow);
  const end = async (): Promise<void> => {
    for (const index of members.keys()) await signal(index, 'SIGKILL');
    process.off('exit', endNow);
  };
  for (const index of members.keys()) start(index);
  const urls = members.map(({ port }) => `nats://127.0.0.1:${port}`);
  const admin = { servers: urls, user: 'admin', password, name: 'set-up' };
  try {
    await until('the cluster has its streams', { limitMs: readyLimitMs }, async () => {
      // It answers once it has elected who does.
      return createStreams(admin, { replicas: memberCount }).then(
        () => true,
        () => false,
      );
    });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    urls,
    password,
    start,
    signal,
    leader: () => leaderOf(urls),
    [Symbol.asyncDispose]: end,
  };
};
