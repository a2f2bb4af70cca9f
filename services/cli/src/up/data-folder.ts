/** The folder in which one Flyball keeps everything: secrets, logs, the stores, and who runs. */
import { randomBytes } from 'node:crypto';
import { access, chmod, link, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type NatsUser, natsUsers, OutsideError } from '@flyball/contracts';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';

const ownerOnly = 0o600;
const secretBytes = 24;
const runFile = 'run.json';
const secretsFile = 'secrets.json';

const processIdentitySchema = z.strictObject({
  name: z.string(),
  pid: z.int().positive(),
  identity: z.string(),
});

const runSchema = z.object({
  supervisor: processIdentitySchema,
  startedAtMs: z.int(),
  gatewayUrl: z.string(),
  domain: z.string(),
  natsUrl: z.string(),
  /** For every user, where NATS was given by URL; null there without a login. */
  givenNatsLogin: z.strictObject({ user: z.string(), password: z.string() }).nullable().optional(),
  redisUrl: z.string(),
  platformUrl: z.string(),
  /** Absent where it runs without a console. */
  consoleUrl: z.string().optional(),
  /** Do the stages tell their doings? */
  traces: z.boolean().default(false),
  healthUrls: z.record(z.string(), z.string()),
  processes: z.array(processIdentitySchema),
});

/** Who runs with this folder now (or did, when it was ended hard). */
export type RunRecord = z.infer<typeof runSchema>;

const secretsSchema = z.strictObject({
  nats: z.record(z.string(), z.string()),
  redis: z.string(),
  platform: z.string(),
});

export interface Secrets {
  readonly nats: Readonly<Record<NatsUser, string>>;
  readonly redis: string;
  /** Bearer token of the local platform. */
  readonly platform: string;
}

export interface DataFolder {
  readonly path: string;
  readonly logs: string;
  readonly nats: string;
  readonly redis: string;
  readonly node: string;
  secrets(): Promise<Secrets>;
  readRun(): Promise<RunRecord | undefined>;
  /** Writes the first record of a run. Rejects with DATA_IN_USE where there is one already. */
  claimRun(record: RunRecord): Promise<void>;
  writeRun(record: RunRecord): Promise<void>;
  clearRun(): Promise<void>;
}

const newSecret = (): string => randomBytes(secretBytes).toString('base64url');

const newSecrets = (): Secrets => ({
  nats: Object.fromEntries(natsUsers.map((user) => [user, newSecret()])) as Record<
    NatsUser,
    string
  >,
  redis: newSecret(),
  platform: newSecret(),
});

const unreadable = (path: string, why: string, cause: unknown): OutsideError => {
  const message = `Cannot read ${path} (${why}). Name the folder of a Flyball with --data DIR.`;
  return new OutsideError('FILE_UNREADABLE', message, { retriable: false, cause });
};

const readJson = async <Value>(
  path: string,
  schema: z.ZodType<Value>,
): Promise<Value | undefined> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, code, error);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw unreadable(path, 'it is not what Flyball writes there', error);
  }
};

const diskError = (path: string, error: unknown): OutsideError => {
  if (error instanceof OutsideError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') {
    const message = `There is no space left to write ${path}. Free some, or choose --data DIR.`;
    return new OutsideError('DISK_FULL', message, { retriable: false, cause: error });
  }
  const message = `Cannot write ${path} (${code}). Choose another folder with --data DIR.`;
  return new OutsideError('DATA_UNWRITABLE', message, { retriable: false, cause: error });
};

/** Writes a file that only its owner may read. Rejects with DISK_FULL or DATA_UNWRITABLE. */
export const writePrivate = async (path: string, text: string): Promise<void> => {
  try {
    await writeFileAtomic(path, text, { mode: ownerOnly });
  } catch (error) {
    throw diskError(path, error);
  }
};

const writeJson = (path: string, value: unknown): Promise<void> =>
  writePrivate(path, `${JSON.stringify(value, undefined, 2)}\n`);

/** File systems that have no second names for a file. */
const withoutLinksCodes = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/** Of two that start at once one links its record, and the other finds that it is there. */
const claim = async (path: string, record: RunRecord): Promise<void> => {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  await writeJson(draft, record);
  try {
    await link(draft, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (withoutLinksCodes.includes(code)) return await writeJson(path, record);
    if (code !== 'EEXIST') throw diskError(path, error);
    const message = `Another Flyball starts with ${dirname(path)}. Choose --data DIR.`;
    throw new OutsideError('DATA_IN_USE', message, { retriable: false, cause: error });
  } finally {
    await rm(draft, { force: true });
  }
};

const keptSecrets = async (path: string): Promise<Secrets> => {
  const kept = await readJson(path, secretsSchema);
  const made = newSecrets();
  const secrets = kept === undefined ? made : { ...kept, nats: { ...made.nats, ...kept.nats } };
  const isComplete = kept !== undefined && natsUsers.every((user) => user in kept.nats);
  if (!isComplete) await writeJson(path, secrets);
  return secrets as Secrets;
};

const foldersIn = (path: string) => ({
  logs: join(path, 'logs'),
  nats: join(path, 'nats'),
  redis: join(path, 'redis'),
  node: join(path, 'node'),
});

/**
 * Makes a folder and those above it, one at a time: where none can be made (below /proc), node's
 * own recursive mkdir tries for ever.
 */
const makeFolder = async (path: string): Promise<void> => {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || (await isThere(parent))) throw error;
    await makeFolder(parent);
    await mkdir(path);
  }
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * What an empty file system or a folder kept for this has, and folders that verbs make for data of
 * their own.
 */
const besides = ['lost+found', '.DS_Store', '.gitkeep', '.gitignore', 'demo', 'tilt'];

/** A folder that somebody uses for something else is neither filled nor locked. */
const refuseForeign = async (path: string): Promise<void> => {
  const found = (await isThere(path)) ? await readdir(path) : [];
  // Also by what a killed one was writing: the same names with a tail.
  const records = [runFile, secretsFile];
  if (found.some((name) => records.some((record) => name.startsWith(record)))) return;
  const known = [...Object.keys(foldersIn(path)), ...besides];
  const foreign = found.find((name) => !known.includes(name));
  if (foreign === undefined) return;
  const message =
    `${path} is not a data folder of Flyball: it holds ${foreign}. ` +
    'Name a new or an empty one with --data DIR.';
  throw new OutsideError('DATA_FOREIGN', message, { retriable: false });
};

/**
 * Opens (and makes, with its subfolders, readable by its owner only) the data folder at `path`.
 * Rejects with DATA_FOREIGN where something else is kept there, DATA_UNWRITABLE, or DISK_FULL.
 */
export const openDataFolder = async (given: string): Promise<DataFolder> => {
  const path = resolve(given);
  const folders = foldersIn(path);
  try {
    await refuseForeign(path);
    for (const folder of Object.values(folders)) await makeFolder(folder);
    await chmod(path, 0o700);
  } catch (error) {
    throw diskError(path, error);
  }
  return { path, ...folders, ...recordsIn(path) };
};

const recordsIn = (path: string) => {
  const [runPath, secretsPath] = [join(path, runFile), join(path, secretsFile)];
  return {
    secrets: () => keptSecrets(secretsPath),
    readRun: () => readJson(runPath, runSchema),
    claimRun: (record: RunRecord) => claim(runPath, record),
    writeRun: (record: RunRecord) => writeJson(runPath, record),
    clearRun: () => rm(runPath, { force: true }),
  };
};

/**
 * Who runs with the folder, and its secrets, as they are: makes and changes nothing. Undefined
 * where either is missing; rejects with FILE_UNREADABLE.
 */
export const readRecords = async (
  given: string,
): Promise<{ readonly run: RunRecord; readonly secrets: Secrets } | undefined> => {
  const path = resolve(given);
  const run = await readJson(join(path, runFile), runSchema);
  if (run === undefined) return undefined;
  const secrets = await readJson(join(path, secretsFile), secretsSchema);
  return secrets === undefined ? undefined : { run, secrets: secrets as Secrets };
};
