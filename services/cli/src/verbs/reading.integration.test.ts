/** The reading verbs over real NATS, as the user that may only read: the same as in memory. */
import { natsPermissions } from '@flyball/contracts';
import { connectEventLog, createStreams } from '@flyball/event-log';
import { availableNatsServers, startNatsServer } from '@flyball/event-log/testing';
import type { Reader } from '@flyball/reading';
import {
  RecordedStory,
  startMs,
  tellStory,
  storyWorkload as workload,
} from '@flyball/reading/testing';
import { expect, test } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { showExplanation } from './explain.ts';
import { showWorkloads } from './get.ts';
import { showHistory } from './history.ts';
import { showPolicy } from './policy.ts';
import { showStateAt } from './replay-state.ts';
import { showVerification } from './replay-verify.ts';

const password = 'only-for-tests';
const users = (['admin', 'reader'] as const).map((user) => ({
  user,
  password,
  permissions: natsPermissions(user),
}));
const configText = `authorization: { users: ${JSON.stringify(users)} }`;

const readAll = async (reader: Reader): Promise<readonly string[]> => {
  const terminal = captureTerminal();
  const context = { terminal, signal: new AbortController().signal };
  const options = { data: 'unused', output: 'json', workload } as const;
  const codes = [
    await showWorkloads(context, reader, { ...options, watch: false }),
    await showExplanation(context, reader, options),
    await showExplanation(context, reader, { ...options, atMs: startMs + 5_000 }),
    await showHistory(context, reader, { ...options, follow: false }),
    await showPolicy(context, reader, options),
    await showVerification(context, reader, { data: 'unused', output: 'json' }),
    await showStateAt(context, reader, { data: 'unused', workload, atMs: startMs + 10_300 }),
  ];
  expect(codes).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(terminal.notes).toEqual([]);
  return terminal.lines;
};

const binaries = await availableNatsServers();

test('a nats-server is installed', () => expect(binaries).not.toEqual([]));

test.each(binaries)('nats-server $version gives what memory gives', async (binary) => {
  await using server = await startNatsServer({ binary, configText });
  const connection = { servers: server.url, password, name: 'test' };
  await createStreams({ ...connection, user: 'admin' });
  const writing = await connectEventLog({ ...connection, user: 'admin' });
  const log = await connectEventLog({ ...connection, user: 'reader' });
  try {
    const story = await tellStory(new RecordedStory({ log: writing }));
    const inMemory = await tellStory();
    expect(await readAll({ ...story.reader, log })).toEqual(await readAll(inMemory.reader));
    await story.snapshot();
    expect(await readAll({ ...story.reader, log })).toEqual(await readAll(inMemory.reader));
  } finally {
    await Promise.all([writing.close(), log.close()]);
  }
});
