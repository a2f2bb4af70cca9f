/** The results of a run as a JSON file, and those of an earlier one to compare with. */
import { readFile, writeFile } from 'node:fs/promises';
import { OutsideError } from '@flyball/contracts';
import { z } from 'zod';
import { type Measured, verdictOf } from './figure.ts';
import type { MachineFacts } from './machine-facts.ts';
import { summarize } from './statistics.ts';

const fileSchema = z.object({
  figures: z.array(z.object({ id: z.string(), values: z.array(z.number()) })),
});

/** The values of an earlier run, by figure. */
export type EarlierFigures = ReadonlyMap<string, readonly number[]>;

/** Rejects with a sentence that names the file when it is missing or no such file. */
export const readEarlierRun = async (path: string): Promise<EarlierFigures> => {
  try {
    const { figures } = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return new Map(figures.map(({ id, values }) => [id, values]));
  } catch (cause) {
    const message = `--compare ${path} is not a file that --json FILE of an earlier run wrote.`;
    throw new OutsideError('FILE_UNREADABLE', message, { retriable: false, cause });
  }
};

export interface Results {
  readonly machine: MachineFacts;
  readonly measured: readonly Measured[];
  /** CPU seconds by part, by what they were measured in. */
  readonly processorSeconds: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export const writeResults = async (path: string, results: Results): Promise<void> => {
  const figures = results.measured.map((one) => ({
    id: one.figure.id,
    title: one.figure.title,
    unit: one.figure.unit,
    bar: one.figure.bar,
    knative: one.figure.knative,
    verdict: verdictOf(one),
    summary: summarize(one.values) ?? null,
    values: one.values,
    note: one.note ?? null,
  }));
  const { machine, processorSeconds } = results;
  const text = JSON.stringify({ machine, figures, processorSeconds }, undefined, 2);
  await writeFile(path, `${text}\n`);
};
