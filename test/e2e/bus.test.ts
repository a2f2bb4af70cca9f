/** The bus as others use it: subscriptions by subject, and a user for each pen. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { askGateway } from './harness/ask.ts';
import { createPlace } from './harness/command.ts';
import { endMachine, type Machine, startIn } from './harness/machine.ts';
import {
  commandsFile,
  runLatestFile,
  sampleHost,
  sampleWorkload,
  writeSettings,
} from './harness/sample.ts';
import { until } from './harness/until.ts';

const limitMs = 30_000;
const secretsSchema = z.object({ nats: z.record(z.string(), z.string()) });

let machine: Machine;
const connections: NatsConnection[] = [];

beforeAll(async () => {
  const place = await createPlace();
  const settings = await writeSettings(place);
  machine = await startIn(place, 'up', ['-f', settings, '--commands', commandsFile]);
});

afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await endMachine(machine);
});

const connectAs = async (user: string): Promise<NatsConnection> => {
  const { data } = machine.place;
  const text = await readFile(join(data, 'secrets.json'), 'utf8');
  const pass = secretsSchema.parse(JSON.parse(text)).nats[user] ?? '';
  const servers = (await machine.run()).natsUrl;
  const connection = await connect({ servers, user, pass, inboxPrefix: `_INBOX.${user}` });
  connections.push(connection);
  return connection;
};

test('a reader who subscribes to a workload sees its decisions', async () => {
  const reader = await connectAs('reader');
  const seen: { readonly subject: string; readonly body: unknown }[] = [];
  const subscription = reader.subscribe('flyball.events.*.default.autoscale-go.>', {
    callback: (_error, message) => {
      seen.push({ subject: message.subject, body: message.json() });
    },
  });
  await reader.flush();
  const { code } = await machine.place.flyball(
    'apply',
    '-f',
    runLatestFile,
    '--commands',
    commandsFile,
  );
  expect(code).toBe(0);
  const { status } = await askGateway(machine.gatewayUrl, sampleHost, { limitMs });
  expect(status).toBe(200);
  const decided = await until('a decision was seen', { limitMs, seen: () => seen }, () =>
    seen.find(({ subject }) => subject.endsWith('.decisions')),
  );
  subscription.unsubscribe();
  expect(decided.subject).toMatch(/^flyball\.events\.\d+\.default\.autoscale-go\.decisions$/);
  expect(decided.body).toMatchObject({
    specversion: '1.0',
    type: 'dev.flyball.decided.v2',
    subject: sampleWorkload,
  });
});

/** The names of the permissions that a connection was refused. */
const refusalsOf = (connection: NatsConnection): string[] => {
  const refusals: string[] = [];
  const follow = async (): Promise<void> => {
    for await (const status of connection.status()) {
      if (status.type === 'error') refusals.push(status.error.message);
    }
  };
  follow().catch((error: unknown) => refusals.push(String(error)));
  return refusals;
};

test.each([
  ['decider', 'flyball.events.0.default.autoscale-go.policy'],
  ['watcher', 'flyball.events.0.default.autoscale-go.decisions'],
  ['activator', 'flyball.events.0.default.autoscale-go.requests.lost'],
  ['reader', 'flyball.events.0.default.autoscale-go.decisions'],
])('the pen of another is refused: %s may not write %s', async (user, subject) => {
  const connection = await connectAs(user);
  const refusals = refusalsOf(connection);
  connection.publish(subject, '{}');
  await connection.flush();
  const seen = () => refusals;
  await until('the refusal is told', { limitMs, seen }, () => refusals.length > 0);
  expect(refusals[0]).toMatch(/permissions violation for publish/i);
  expect(refusals[0]).toContain(subject);
});

test('nobody comes in without a password', async () => {
  const servers = (await machine.run()).natsUrl;
  await expect(connect({ servers, reconnect: false })).rejects.toThrow(/authorization/i);
});
