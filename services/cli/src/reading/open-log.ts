/** Opens the log of the Flyball that is meant, as the user that the verb works as. */

import { readPartitionCount } from '@flyball/event-log';
import { connectOperator, connectPlatform, connectReader, findRunning } from '../running.ts';
import { connectLog, type LogUser, type OpenLog } from './connect-log.ts';
import type { LogSource, NatsSource } from './log-source.ts';
import { untilEnded } from './outages.ts';

const ofDataFolder = async (folder: string, user: LogUser): Promise<OpenLog> => {
  const running = await findRunning(folder);
  const log = await (user === 'reader' ? connectReader : connectOperator)(running);
  const platform = connectPlatform(running);
  const closing = new AbortController();
  const close = async (): Promise<void> => {
    closing.abort();
    await Promise.all([log.close(), platform.close()]);
  };
  try {
    const partitionCount = await readPartitionCount(log);
    const ended = untilEnded(running.run.supervisor, folder, closing.signal);
    return { log, partitionCount, platform, ended, close };
  } catch (error) {
    await close();
    throw error;
  }
};

const ofNats = async (
  { servers, login }: NatsSource,
  as: LogUser,
  signal: AbortSignal,
): Promise<OpenLog> => {
  const { user = as, password } = login;
  const access = {
    ...{ servers, user, password },
    mendLogin:
      'Give the right one in FLYBALL_NATS_USER and FLYBALL_NATS_PASSWORD, or in the URL: ' +
      'nats://USER:PASSWORD@HOST:PORT, with %XX for characters such as @, : and /.',
    mendServer:
      'Check that it runs and that the URL is right; `--cluster` finds that of a cluster.',
  };
  const connected = await connectLog(access, signal);
  return { ...connected, close: () => connected.log.close() };
};

/** Rejects with NOT_RUNNING, NATS_… or PLATFORM_… errors; each says what to do. */
export const openLog = async (
  source: LogSource,
  user: LogUser,
  signal: AbortSignal,
): Promise<OpenLog> => {
  if (source.kind === 'data') return ofDataFolder(source.folder, user);
  if (source.kind === 'nats') return ofNats(source, user, signal);
  // Loaded only where there is a cluster to ask: it brings Kubernetes' client along.
  const { openClusterLog } = await import('../cluster/open-cluster-log.ts');
  return openClusterLog(source, user, signal);
};
