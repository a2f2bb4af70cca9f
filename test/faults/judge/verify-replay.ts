/** `flyball replay verify` over the whole history, as a user runs it. */
import { join } from 'node:path';
import { repositoryRoot } from '@flyball/cli';
import { z } from 'zod';
import { node } from '../../e2e/harness/command.ts';
import { spawnKept } from '../../e2e/harness/spawned.ts';

const entry = join(repositoryRoot, 'services/cli/src/main.ts');

/** Of the first difference so much is told. */
const toldLength = 800;

const resultSchema = z.object({
  ok: z.boolean(),
  decisions: z.int(),
  differences: z.int(),
  results: z.array(
    z.object({ workload: z.string(), ok: z.boolean(), differences: z.array(z.unknown()) }),
  ),
});

/** What is wrong with it; nothing when every decision is decided again as it is recorded. */
export const verifyReplay = async (data: string): Promise<readonly string[]> => {
  const { PATH = '', HOME = '' } = process.env;
  const args = [...node.slice(1), entry, 'replay', 'verify', '-o', 'json', '--data', data];
  const { out, err } = await spawnKept(node[0], args, {
    env: { PATH, HOME },
    cwd: repositoryRoot,
  }).ended;
  const read = resultSchema.safeParse(parsed(out));
  if (!read.success) return [`replay verify cannot be read: ${err.slice(-400)}`];
  const { ok, decisions, differences, results } = read.data;
  if (ok && differences === 0 && decisions > 0) return [];
  const bad = results.filter((one) => !one.ok);
  const names = bad.map(({ workload }) => workload).join(', ');
  const first = JSON.stringify(bad.flatMap((one) => one.differences)[0])?.slice(0, toldLength);
  return [`replay verify: ${differences} differences in ${decisions} (${names}); first: ${first}`];
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
