/** `flyball replay verify` over everything recorded, as a user runs it, and how long it takes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '@flyball/cli';
import { z } from 'zod';

const run = promisify(execFile);
const entry = join(repositoryRoot, 'services/cli/src/main.ts');
const outputBytesMax = 64 * 1024 * 1024;
const limitMs = 300_000;

const resultSchema = z.object({ ok: z.boolean(), decisions: z.int(), differences: z.int() });

/** Rejects when anything is decided differently. */
export const verifyAll = async (
  data: string,
): Promise<{ readonly tookMs: number; readonly note: string }> => {
  const { PATH = '', HOME = '' } = process.env;
  const args = ['--disable-warning=ExperimentalWarning', entry, 'replay', 'verify', '-o', 'json'];
  const options = { env: { PATH, HOME }, maxBuffer: outputBytesMax, timeout: limitMs };
  const beganMs = performance.now();
  const { stdout } = await run(process.execPath, [...args, '--data', data], options);
  const tookMs = performance.now() - beganMs;
  const { ok, decisions, differences } = resultSchema.parse(JSON.parse(stdout));
  if (!ok) throw new Error(`${differences} of ${decisions} decisions differ`);
  return { tookMs, note: `${decisions} decisions, none different` };
};
