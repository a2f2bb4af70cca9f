/** On real servers every user tries every subject, and may use its own alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { buckets, type NatsUser, natsPermissions, natsUsers } from '@flyball/contracts';
import { createStreams } from '@flyball/event-log';
import { availableNatsServers, startNatsServer } from '@flyball/event-log/testing';
import {
  connect,
  headers,
  type NatsConnection,
  PermissionViolationError,
} from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';

const password = 'only-for-tests';
const stages = ['collector', 'windower', 'decider', 'actuator', 'watcher', 'activator'] as const;
/** They read all of it. */
const people = ['keeper', 'reader', 'operator', 'controller'] as const;
const folding = [...stages, ...people] as const;

/** Who may publish, besides the set-up: written down here, so that the table is judged by it. */
type Owners = readonly NatsUser[];
const nobody: Owners = [];
const web = 'flyball.events.0.default.web';

const facts: readonly (readonly [string, Owners])[] = [
  ['flyball.events.0.ticks', ['windower']],
  ['flyball.events.0.progress', ['decider']],
  ['flyball.events.0.incidents', ['watcher']],
  [`${web}.policy`, ['watcher']],
  [`${web}.platform`, ['watcher']],
  [`${web}.decisions`, ['decider']],
  [`${web}.actions`, ['actuator']],
  [`${web}.requests.gw0`, ['activator']],
  [`${web}.requests.lost`, ['watcher']],
  ['flyball.minutes.0.default.web', ['windower']],
  ['flyball.samples.0', ['activator', 'collector', 'operator']],
  // No pen has these, near as they are to one.
  ...[
    'flyball.events.0',
    'flyball.events.0.default.web',
    'flyball.events.0.policy',
    'flyball.events.0.requests.gw0',
    'flyball.events.0.default.web.ticks',
    `${web}.requests`,
    `${web}.requests.gw0.more`,
    `${web}.requests.lost.more`,
    `${web}.decisions.more`,
    `${web}.shadow`,
    `${web}.orders`,
    'flyball.minutes.0',
    'flyball.minutes.0.default.web.more',
    'flyball.samples',
    'flyball.samples.0.more',
    'flyball.deadletters.0',
    'flyball.deadletters.0.nobody',
    'flyball.else',
  ].map((subject) => [subject, nobody] as const),
];

/** The controller has no pen, and leases, snapshots and dead letters of its own all the same. */
const owning = [...stages, 'controller'] as const;

const ofStages: readonly (readonly [string, Owners])[] = owning.flatMap((stage) => [
  [`flyball.deadletters.0.${stage}`, [stage]],
  [`flyball.deadletters.0.${stage}.settled`, ['operator']],
  [`flyball.deadletters.0.${stage}.refold`, ['operator']],
  [`$KV.leases.${stage}.partition.0`, stage === 'activator' ? [stage, 'keeper'] : [stage]],
  [`$KV.snapshots.${stage}.0`, [stage]],
]);

const streamNames = ['EVENTS', 'SAMPLES', 'MINUTES', 'DEADLETTERS', 'KV_leases', 'KV_snapshots'];
const readersOf = (stream: string): Owners => {
  if (stream === 'SAMPLES') return ['windower', 'collector', ...people];
  return stream === 'MINUTES' ? ['windower', ...people] : folding;
};

/** Everything that one can ask of JetStream about a stream. */
const apiOf = (stream: string): readonly (readonly [string, Owners])[] => [
  ...[
    `STREAM.INFO.${stream}`,
    `STREAM.MSG.GET.${stream}`,
    `DIRECT.GET.${stream}`,
    `DIRECT.GET.${stream}.flyball.events.0.ticks`,
    `CONSUMER.CREATE.${stream}`,
    `CONSUMER.CREATE.${stream}.some.flyball.events.0.ticks`,
    `CONSUMER.INFO.${stream}.some`,
    `CONSUMER.DELETE.${stream}.some`,
    `CONSUMER.MSG.NEXT.${stream}.some`,
  ].map((call) => [`$JS.API.${call}`, readersOf(stream)] as const),
  [`$JS.API.STREAM.PURGE.${stream}`, stream === 'EVENTS' ? ['keeper'] : nobody],
  ...[
    `STREAM.CREATE.${stream}`,
    `STREAM.UPDATE.${stream}`,
    `STREAM.DELETE.${stream}`,
    `STREAM.MSG.DELETE.${stream}`,
    `STREAM.SNAPSHOT.${stream}`,
    `STREAM.RESTORE.${stream}`,
    `STREAM.LEADER.STEPDOWN.${stream}`,
    `STREAM.PEER.REMOVE.${stream}`,
    `CONSUMER.DURABLE.CREATE.${stream}.some`,
    `CONSUMER.LIST.${stream}`,
    `CONSUMER.NAMES.${stream}`,
    `CONSUMER.PAUSE.${stream}.some`,
    `CONSUMER.LEADER.STEPDOWN.${stream}.some`,
  ].map((call) => [`$JS.API.${call}`, nobody] as const),
];

const elsewhere: readonly (readonly [string, Owners])[] = [
  ['$JS.API.INFO', folding],
  ...[
    '$JS.API.STREAM.CREATE.OTHER',
    '$JS.API.STREAM.NAMES',
    '$JS.API.STREAM.LIST',
    '$JS.API.META.LEADER.STEPDOWN',
    '$JS.API.SERVER.REMOVE',
    '$JS.API.ACCOUNT.PURGE.some',
    '$JS.ACK.EVENTS.some.1.1.1.1.1',
    '$KV.leases.partition',
    '$KV.snapshots.nobody.0',
    '$KV.other.decider.0',
    '$SYS.REQ.SERVER.PING',
    '_INBOX.some',
    'anything',
  ].map((subject) => [subject, nobody] as const),
  // Nobody answers in another's place.
  ...natsUsers.map((user) => [`_INBOX.${user}.some`, nobody] as const),
];

const subjects = [...facts, ...ofStages, ...streamNames.flatMap(apiOf), ...elsewhere];

/** Filters, and who may listen on them, besides the set-up. */
const filters: readonly (readonly [string, Owners])[] = [
  ['flyball.>', ['reader']],
  [`${web}.decisions`, ['reader']],
  ...['>', '*', '$KV.>', '$JS.>', '$JS.EVENT.ADVISORY.>', '$SYS.>', '_INBOX.>'].map(
    (filter) => [filter, nobody] as const,
  ),
  ...natsUsers.map((user) => [`_INBOX.${user}.>`, user === 'admin' ? nobody : [user]] as const),
];

interface Refusals {
  readonly publish: Set<string>;
  readonly subscribe: Set<string>;
}

/** Collects what the server refuses; it says so after the fact, one message each. */
const listenToRefusals = (connection: NatsConnection): Refusals => {
  const refusals: Refusals = { publish: new Set(), subscribe: new Set() };
  const listen = async (): Promise<void> => {
    for await (const status of connection.status()) {
      if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue;
      const { operation, subject } = status.error;
      refusals[operation === 'publish' ? 'publish' : 'subscribe'].add(subject);
    }
  };
  void listen();
  return refusals;
};

const users = natsUsers.map((user) => ({ user, password, permissions: natsPermissions(user) }));
const configText = `authorization { users: ${JSON.stringify(users)} }`;

const whatIsRefused = async (url: string, user: NatsUser): Promise<Refusals> => {
  const connection = await connect({ servers: url, user, pass: password, reconnect: false });
  const refusals = listenToRefusals(connection);
  for (const [subject] of subjects) connection.publish(subject, 'not an event');
  for (const [filter] of filters) {
    // A refused subscription is told to its callback as well; the status has it already.
    connection.subscribe(filter, { callback: () => undefined });
  }
  await connection.flush();
  // What was refused before the answer to the flush is handed on in later turns of the loop.
  await sleep(20);
  await connection.close();
  return refusals;
};

const notOf = (user: NatsUser, rows: readonly (readonly [string, Owners])[]): readonly string[] =>
  rows.filter(([, owners]) => !owners.includes(user)).map(([subject]) => subject);

const binaries = await availableNatsServers();
const stealing = natsUsers.filter((user) => user !== 'admin');

test('a nats-server is installed', () => expect(binaries).not.toEqual([]));

test.each(binaries)(
  'every user is kept to its own pens by nats-server $version',
  async (binary) => {
    await using server = await startNatsServer({ binary, configText });
    await createStreams({ servers: server.url, name: 'set-up', user: 'admin', password });
    for (const user of stealing) {
      const { publish, subscribe } = await whatIsRefused(server.url, user);
      expect([...publish].sort(), `${user} publishes`).toEqual([...notOf(user, subjects)].sort());
      expect([...subscribe].sort(), `${user} listens`).toEqual([...notOf(user, filters)].sort());
    }
  },
);

test.each(binaries)('an unknown user is not let in by nats-server $version', async (binary) => {
  await using server = await startNatsServer({ binary, configText });
  const connecting = (how: object) => connect({ servers: server.url, reconnect: false, ...how });
  await expect(connecting({})).rejects.toThrow(/authorization/i);
  await expect(connecting({ user: 'somebody', pass: password })).rejects.toThrow(/authorization/i);
  await expect(connecting({ user: 'decider', pass: 'wrong' })).rejects.toThrow(/authorization/i);
});

/** The key that each stage has in a bucket, and none of the others. */
const keysIn = (bucket: string): readonly string[] =>
  owning.map((stage) => `$KV.${bucket}.${stage}.partition.0`);

const answerLimitMs = 5_000;

const countIn = async (admin: NatsConnection, bucket: string): Promise<number> => {
  const info = await admin.request(`$JS.API.STREAM.INFO.KV_${bucket}`);
  return info.json<{ readonly state: { readonly messages: number } }>().state.messages;
};

const connectAs = (url: string, user: NatsUser): Promise<NatsConnection> =>
  connect({ servers: url, user, pass: password, reconnect: false, inboxPrefix: `_INBOX.${user}` });

describe.each(Object.values(buckets))('given a key of every stage in the bucket %s', (bucket) => {
  test.each(binaries)(
    'when one of them rolls the bucket up, nats-server $version keeps all of the others',
    async (binary) => {
      await using server = await startNatsServer({ binary, configText });
      await createStreams({ servers: server.url, name: 'set-up', user: 'admin', password });
      const admin = await connect({ servers: server.url, user: 'admin', pass: password });
      for (const key of keysIn(bucket)) await admin.request(key, 'kept');
      for (const stage of owning) {
        const thief = await connectAs(server.url, stage);
        for (const value of ['all', 'sub']) {
          const rollup = { timeout: answerLimitMs, headers: headers() };
          rollup.headers.set('Nats-Rollup', value);
          const key = `$KV.${bucket}.${stage}.partition.0`;
          const answer = await thief.request(key, 'alone', rollup);
          expect(answer.string(), `${stage} rolls up ${value}`).toMatch(/rollup not permitted/);
        }
        await thief.close();
      }
      expect(await countIn(admin, bucket)).toBe(owning.length);
      await admin.close();
    },
  );
});
