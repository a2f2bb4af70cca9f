/** Real Knative measured in the same run, by a harness of its own: its figures take the column. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BenchContext } from '../bench-context.ts';
import type { Figure, Measured } from '../report/figure.ts';
import { summarize } from '../report/statistics.ts';
import { shortNumber } from '../report/table.ts';
import { figures } from './figures.ts';

const runSchema = z.looseObject({
  request_to_scale_ms: z.number(),
  request_to_firstbyte_ms: z.number(),
});
const coldSchema = z.object({ result: z.looseObject({ runs: z.array(runSchema) }) });
const herdSchema = z.object({ result: z.array(z.looseObject({ runs: z.array(runSchema) })) });
const burstSchema = z.object({
  result: z.array(
    z.looseObject({
      burst_to_scale_ms: z.number(),
      desired_at_s: z.array(z.tuple([z.number(), z.number()])),
    }),
  ),
});
const sceneSchema = z.object({
  result: z.array(z.looseObject({ requests_per_s: z.number(), slowest_ms: z.number() })),
});
const activeSchema = z.object({
  result: z.array(
    z.looseObject({ usage: z.record(z.string(), z.looseObject({ cpu_s: z.number() })) }),
  ),
});

/** As in our own burst. */
const enough = 13;
const msPerSecond = 1_000;
const herdPodDelayMs = 15_000;

/** Values by figure. */
type Values = readonly (readonly [Figure, readonly number[]])[];

interface Mode {
  /** `run.sh MODE ARGUMENT`, and the file that it writes. */
  readonly name: string;
  readonly argument: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly read: (json: unknown) => Values;
}

const modes: readonly Mode[] = [
  {
    name: 'cold',
    argument: '9',
    read: (json) => {
      const { runs } = coldSchema.parse(json).result;
      return [
        [figures.zeroToScale, runs.map((run) => run.request_to_scale_ms)],
        [figures.zeroToByte, runs.map((run) => run.request_to_firstbyte_ms)],
      ];
    },
  },
  {
    name: 'fresh',
    argument: '6',
    read: (json) => {
      const { runs } = coldSchema.parse(json).result;
      return [[figures.neverSeen, runs.map((run) => run.request_to_scale_ms)]];
    },
  },
  {
    name: 'herd',
    argument: '100',
    env: { POD_DELAY_MS: String(herdPodDelayMs) },
    read: (json) => {
      const runs = herdSchema.parse(json).result.flatMap((size) => size.runs);
      return [[figures.herd, runs.map((run) => run.request_to_scale_ms)]];
    },
  },
  {
    name: 'burst',
    argument: '3',
    read: (json) => {
      const { result } = burstSchema.parse(json);
      const toEnough = result.flatMap(({ desired_at_s: steps }) => {
        const step = steps.find(([, replicas]) => replicas >= enough);
        return step === undefined ? [] : [step[0] * msPerSecond];
      });
      return [
        [figures.burstFirst, result.map((run) => run.burst_to_scale_ms)],
        [figures.burstFull, toEnough],
      ];
    },
  },
  {
    name: 'scene',
    argument: '1',
    read: (json) => {
      const { result } = sceneSchema.parse(json);
      return [
        [figures.sceneRate, result.map((run) => run.requests_per_s)],
        [figures.sceneSlowest, result.map((run) => run.slowest_ms)],
      ];
    },
  },
  {
    name: 'active',
    argument: '100',
    read: (json) => {
      const { result } = activeSchema.parse(json);
      const seconds = result.map(({ usage }) => usage.autoscaler?.cpu_s ?? Number.NaN);
      return [[figures.idle, seconds]];
    },
  },
];

const runMode = async (
  harness: string,
  results: string,
  mode: Mode,
  { tell, signal }: BenchContext,
): Promise<Values> => {
  tell(`Knative: ${mode.name} ${mode.argument} …`);
  const args = [join(harness, 'run.sh'), mode.name, mode.argument];
  const env = { ...process.env, RESULTS: results, ...mode.env };
  const child = spawn('sh', args, { env, signal, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`run.sh ${mode.name} ended with exit code ${code}`);
  const text = await readFile(join(results, `${mode.name}.json`), 'utf8');
  return mode.read(JSON.parse(text));
};

const sentenceOf = (values: readonly number[], unit: string): string => {
  const summary = summarize(values);
  if (summary === undefined) return 'nothing measured';
  const { p50, max, count } = summary;
  return `p50 ${shortNumber(p50)}, max ${shortNumber(max)} ${unit} (${count}, this run)`;
};

/**
 * Runs each mode of the harness in `folder` (its `run.sh`), and gives the figures with what it
 * measured in Knative's column. A mode that fails leaves its figures as they were, and is told.
 */
export const besideKnative = async (
  measured: readonly Measured[],
  folder: string,
  results: string,
  context: BenchContext,
): Promise<readonly Measured[]> => {
  await access(join(folder, 'run.sh'));
  const found = new Map<string, readonly number[]>();
  for (const mode of modes) {
    try {
      const values = await runMode(folder, results, mode, context);
      for (const [figure, more] of values) found.set(figure.id, more);
    } catch (error) {
      context.tell(`  did not work: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return measured.map((one) => {
    const values = found.get(one.figure.id);
    const p50 = values === undefined ? undefined : summarize(values)?.p50;
    if (values === undefined || p50 === undefined) return one;
    const knative = sentenceOf(values, one.figure.unit);
    return { ...one, figure: { ...one.figure, knative, knativeP50: p50 } };
  });
};
