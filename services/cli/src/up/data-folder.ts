/** The folder in which one Flyball keeps everything: secrets, logs, the stores, and who runs. */
import { randomBytes } from 'node:crypto';
import { access, chmod, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type NatsUser, natsUsers, OutsideError } from '@flyball/contracts';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';

const ownerOnly = 0o600;
const secretBytes = 24;

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

const readJson = async <Value>(
  path: string,
  schema: z.ZodType<Value>,
): Promise<Value | undefined> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return schema.parse(JSON.parse(text));
};

const diskError = (path: string, error: unknown): OutsideError => {
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

const keptSecrets = async (path: string): Promise<Secrets> => {
  const kept = await readJson(path, secretsSchema);
  const made = newSecrets();
  const secrets = kept === undefined ? made : { ...kept, nats: { ...made.nats, ...kept.nats } };
  await writeJson(path, secrets);
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

/** Opens (and makes, with its subfolders, readable by its owner only) the data folder at `path`. */
export const openDataFolder = async (given: string): Promise<DataFolder> => {
  const path = resolve(given);
  const folders = foldersIn(path);
  try {
    for (const folder of Object.values(folders)) await makeFolder(folder);
    await chmod(path, 0o700);
  } catch (error) {
    throw diskError(path, error);
  }
  return { path, ...folders, ...recordsIn(path) };
};

const recordsIn = (path: string) => {
  const [runPath, secretsPath] = [join(path, 'run.json'), join(path, 'secrets.json')];
  return {
    secrets: () => keptSecrets(secretsPath),
    readRun: () => readJson(runPath, runSchema),
    writeRun: (record: RunRecord) => writeJson(runPath, record),
    clearRun: () => rm(runPath, { force: true }),
  };
};
