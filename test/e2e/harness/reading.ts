/** What the reading verbs print, as a program that calls them reads it. */
import { z } from 'zod';
import type { Place } from './command.ts';

const eventSchema = z.object({
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.iso.datetime(),
  causationid: z.string().optional(),
  data: z.record(z.string(), z.unknown()),
});

/** A line of `history -o json`. */
export interface HistoryEvent extends z.infer<typeof eventSchema> {
  /** The line as it was printed: byte for byte as it is stored. */
  readonly line: string;
}

/** The history of a workload. */
export const historyOf = async (
  place: Place,
  workload: string,
): Promise<readonly HistoryEvent[]> => {
  const { code, out, err } = await place.flyball('history', workload, '-o', 'json');
  if (code !== 0) throw new Error(`history ended with ${code}: ${err}`);
  const lines = out.split('\n').filter((line) => line !== '');
  return lines.map((line) => ({ ...eventSchema.parse(JSON.parse(line)), line }));
};

/** `type` is that of an event of this name, of whatever version: `dev.flyball.decided.v2`. */
export const isOf = (name: string, type: string): boolean =>
  type.startsWith(`dev.flyball.${name}.v`);

/** The data of all events of a type, in their order. */
export const dataOf = (
  history: readonly HistoryEvent[],
  name: string,
): readonly Readonly<Record<string, unknown>>[] =>
  history.filter(({ type }) => isOf(name, type)).map(({ data }) => data);

/** Every replica count that was decided, in order, without repetitions. */
export const decidedReplicas = (history: readonly HistoryEvent[]): readonly number[] =>
  dataOf(history, 'decided')
    .map(({ to }) => z.int().parse(to))
    .filter((to, index, all) => to !== all[index - 1]);

const shownSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  desiredReplicas: z.int(),
  readyReplicas: z.int(),
  mode: z.enum(['stable', 'panic']).nullable(),
  stableAverage: z.number().nullable(),
  panicAverage: z.number().nullable(),
  target: z.number(),
  minScale: z.int(),
  maxScale: z.int(),
  routing: z.string().nullable(),
  lastDecision: z
    .object({
      id: z.string(),
      atMs: z.int(),
      from: z.int().nullable(),
      to: z.int(),
      reason: z.string(),
    })
    .nullable(),
  dataAgeMs: z.number().nullable(),
});
export type Shown = z.infer<typeof shownSchema>;

/** What `get -o json` says of a workload; undefined while it does not know it. */
export const shownOf = async (place: Place, workload: string): Promise<Shown | undefined> => {
  const { code, out } = await place.flyball('get', workload, '-o', 'json');
  return code === 0 ? z.array(shownSchema).length(1).parse(JSON.parse(out))[0] : undefined;
};
