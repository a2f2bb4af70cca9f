/** The bus as others use it: subscriptions by subject, a user for each pen, and its traces. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { askGateway } from './harness/ask.ts';
import { createPlace } from './harness/command.ts';
import { endMachine, type Machine, startIn, withConsole } from './harness/machine.ts';
import { dataOf, historyOf, shownOf } from './harness/reading.ts';
import {
  commandsFile,
  runLatestFile,
  sampleHost,
  sampleWorkload,
  writeSettings,
} from './harness/sample.ts';
import { sameLines, shownIn } from './harness/shown-output.ts';
import { until } from './harness/until.ts';

const limitMs = 30_000;
const secretsSchema = z.object({ nats: z.record(z.string(), z.string()) });

let machine: Machine;
const connections: NatsConnection[] = [];

beforeAll(async () => {
  const place = await createPlace();
  const settings = await writeSettings(place);
  const files = ['-f', settings, '--commands', commandsFile];
  machine = await startIn(place, 'up', [...files, ...withConsole]);
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
  // At rest at zero: the request is what everything else follows from.
  const shown = () => shownOf(machine.place, sampleWorkload);
  await until('it is known', { limitMs, seen: shown }, async () => {
    return (await shown())?.lastDecision?.to === 0;
  });
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

const traceSchema = z.object({
  source: z.string(),
  summary: z.object({
    ...{ traceId: z.string(), kind: z.string(), workload: z.string(), startMs: z.number() },
    phases: z.array(z.object({ phase: z.string(), startMs: z.number(), durationMs: z.number() })),
  }),
  events: z.array(z.object({ id: z.string(), type: z.string() })),
});

const traceOf = async (...words: readonly string[]): Promise<z.infer<typeof traceSchema>> => {
  const { code, out, err } = await machine.place.flyball('trace', ...words, '-o', 'json');
  if (code !== 0) throw new Error(`trace ended with ${code}: ${err}`);
  return traceSchema.parse(JSON.parse(out));
};

/** Spans come in batches, a moment after what they tell. */
const untilTraced = () =>
  until('the cold start is traced', { limitMs }, async () => {
    const told = await traceOf('latest', '--kind', 'cold-start').catch(() => undefined);
    const has = (wanted: string) => told?.summary.phases.some(({ phase }) => phase === wanted);
    return ['received', 'tick', 'decide', 'apply'].every(has) && told;
  });

test('the cold start is one trace, which agrees with what is recorded of it', async () => {
  const { source, summary, events } = await untilTraced();
  expect({ source, kind: summary.kind, workload: summary.workload }).toEqual({
    ...{ source: 'console', kind: 'cold start', workload: sampleWorkload },
  });
  const [moments = {}] = dataOf(
    await historyOf(machine.place, sampleWorkload),
    'cold-start-completed',
  );
  const received = summary.phases.find(({ phase }) => phase === 'received');
  expect(summary.startMs).toBe(moments.receivedAtMs);
  expect(summary.startMs + (received?.durationMs ?? 0)).toBe(moments.lastByteAtMs);
  const ofRequest = ['held', 'connect', 'first byte', 'last byte'];
  const parts = summary.phases.filter(({ phase }) => ofRequest.includes(phase));
  const together = parts.reduce((sum, { durationMs }) => sum + durationMs, 0);
  expect(together).toBeCloseTo(received?.durationMs ?? 0, 3);
  const { id = '' } = events.find(({ type }) => type === 'ColdStartCompleted') ?? {};
  expect((await traceOf(id)).summary.traceId).toBe(summary.traceId);
});

test('docs/tracing.md shows what is printed', async () => {
  const shown = await shownIn('docs/tracing.md');
  expect(shown.map(({ words }) => words[0])).toEqual(['trace', 'trace', 'history']);
  for (const { words, output } of shown) {
    const { code, out } = await machine.place.flyball(...words);
    expect({ words, code }).toEqual({ words, code: 0 });
    expect(sameLines(out)).toEqual(expect.arrayContaining([...sameLines(output)]));
  }
});

test('the doctor finds the console, and that traces arrive', async () => {
  const { code, out } = await machine.place.flyball('doctor');
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/✓ console +ready/) });
  expect(out).toMatch(/✓ traces +the newest ended .* ago/);
});
