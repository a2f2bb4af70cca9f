/** Writes vectors into a directory of their own, as the files that Knative's answers come in. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** By file: the cases of a `.jsonl`, or the one case of a `.json`; text is written as it is. */
export type VectorsByFile = Readonly<Record<string, unknown>>;

const textOf = (file: string, content: unknown): string => {
  if (typeof content === 'string') return content;
  if (!file.endsWith('.jsonl')) return JSON.stringify(content);
  return (content as readonly unknown[]).map((one) => `${JSON.stringify(one)}\n`).join('');
};

/** A new directory with the files; dispose of it when done. */
export const writeVectors = async (
  files: VectorsByFile,
): Promise<AsyncDisposable & { readonly path: string }> => {
  const path = await mkdtemp(join(tmpdir(), 'flyball-vectors-'));
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), textOf(file, content));
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
};
