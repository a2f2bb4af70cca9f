/** The ports of a Flyball whose parts somebody else supervises: fixed, so that all know them. */
import { readFile } from 'node:fs/promises';
import { OutsideError } from '@flyball/contracts';
import { z } from 'zod';
import { watchedServices } from './topology.ts';

const port = z.int().min(1).max(65_535);

const portsSchema = z.strictObject({
  gateway: port,
  'nats-server': port,
  'redis-server': port,
  'local-node': port,
  console: port,
  /** Of /readyz and /metrics of each part that has them. */
  health: z.strictObject(
    Object.fromEntries(['local-node', ...watchedServices].map((name) => [name, port])),
  ),
});

export type PartPorts = z.infer<typeof portsSchema>;

const unusable = (path: string, why: string, cause?: unknown): OutsideError => {
  const allowed =
    'gateway, nats-server, redis-server, local-node, console, health.*, each from 1 to 65535';
  const message = `The ports in ${path} cannot be used: ${why}; allowed: ${allowed}.`;
  return new OutsideError('FILE_UNREADABLE', message, { retriable: false, cause });
};

const numbersIn = ({ health, ...others }: PartPorts): number[] => [
  ...Object.values(others),
  ...Object.values(health),
];

/** Reads the file; rejects with FILE_UNREADABLE where a port is missing, wrong, or given twice. */
export const readPartPorts = async (path: string): Promise<PartPorts> => {
  let given: unknown;
  try {
    given = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw unusable(path, error instanceof Error ? error.message : String(error), error);
  }
  const read = portsSchema.safeParse(given);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw unusable(path, `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const numbers = numbersIn(read.data);
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (twice !== undefined) throw unusable(path, `${twice} is given twice`);
  return read.data;
};
