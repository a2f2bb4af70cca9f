/** A real NATS with the users of a Flyball, a story in its log, and verbs run against it. */
import { type NatsUser, natsPermissions } from '@flyball/contracts';
import { connectEventLog, createStreams } from '@flyball/event-log';
import {
  availableNatsServers,
  type RunningNatsServer,
  startNatsServer,
} from '@flyball/event-log/testing';
import { RecordedStory, tellStory } from '@flyball/reading/testing';
import type { Context } from '../context.ts';
import { captureTerminal } from './captured-terminal.ts';

const users = ['admin', 'reader', 'operator'] as const satisfies NatsUser[];
/** Of every user, another one each. */
export const passwordOf = (user: NatsUser): string => `secret-of-${user}`;

/** In the server's own format. */
export const logServerConfig = `authorization: { users: ${JSON.stringify(
  users.map((user) => ({
    ...{ user, password: passwordOf(user), permissions: natsPermissions(user) },
  })),
)} }`;

/** Of the newest version that is installed; rejects where there is none. */
export const startLogServer = async (): Promise<RunningNatsServer> => {
  const binary = (await availableNatsServers()).at(-1);
  if (binary === undefined) throw new Error('No nats-server is installed: `npm run setup`.');
  return startNatsServer({ binary, configText: logServerConfig });
};

/** Makes the streams, and tells the story of `default/web`. */
export const tellStoryTo = async ({
  url: servers,
}: Pick<RunningNatsServer, 'url'>): Promise<void> => {
  const admin = { servers, user: 'admin', password: passwordOf('admin'), name: 'test' };
  await createStreams(admin);
  const log = await connectEventLog(admin);
  try {
    await tellStory(new RecordedStory({ log }));
  } finally {
    await log.close();
  }
};

/** What a verb is given and what it said; `all` is every word of it, errors included. */
export const runVerb = async (
  verb: (context: Context) => Promise<number>,
  env: Context['env'] = {},
) => {
  const terminal = captureTerminal();
  const { signal } = new AbortController();
  const context = { terminal, env, signal, input: () => Promise.resolve('') };
  const [code, error] = await verb(context).then(
    (ended) => [ended, undefined] as const,
    (failure: Error) => [undefined, failure] as const,
  );
  const { lines, notes } = terminal;
  const all = [...lines, ...notes, `${error?.message}`].join('\n');
  return { code, error, lines, notes, all };
};
