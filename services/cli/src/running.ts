/** Finds the Flyball that runs with a data folder, and connects to it as a reader. */
import { resolve } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import { connectEventLog, type EventLog } from '@flyball/event-log';
import { createLocalPlatformAdmin, type LocalPlatformAdmin } from '@flyball/platform';
import { type RunRecord, readRecords, type Secrets } from './up/data-folder.ts';
import { stillRuns } from './up/process-identity.ts';
import { natsLoginOf } from './up/topology.ts';

export interface Running {
  readonly run: RunRecord;
  readonly secrets: Secrets;
}

const notRunning = (path: string): OutsideError => {
  const message =
    `No Flyball runs with ${path}. Start one with \`flyball up --data ${path}\`, ` +
    'or name the folder of a running one with --data DIR or FLYBALL_DATA.';
  return new OutsideError('NOT_RUNNING', message, { retriable: false });
};

/**
 * The record and secrets of the Flyball that runs with the folder; changes nothing there. Rejects
 * with NOT_RUNNING, or with FILE_UNREADABLE.
 */
export const findRunning = async (dataFolder: string): Promise<Running> => {
  const found = await readRecords(dataFolder);
  if (found === undefined || !stillRuns(found.run.supervisor)) {
    throw notRunning(resolve(dataFolder));
  }
  return found;
};

/** The log, as the user that may read everything and write nothing. */
export const connectReader = ({ run, secrets }: Running): Promise<EventLog> => {
  const login = natsLoginOf('reader', secrets, run.givenNatsLogin);
  return connectEventLog({ servers: run.natsUrl, ...login, name: 'flyball-cli' });
};

/** The log, as the user that may settle dead letters besides reading everything. */
export const connectOperator = ({ run, secrets }: Running): Promise<EventLog> => {
  const login = natsLoginOf('operator', secrets, run.givenNatsLogin);
  return connectEventLog({ servers: run.natsUrl, ...login, name: 'flyball-cli' });
};

/** The platform, to apply workloads and settings. */
export const connectPlatform = ({ run, secrets }: Running): LocalPlatformAdmin =>
  createLocalPlatformAdmin({ url: run.platformUrl, token: secrets.platform });
