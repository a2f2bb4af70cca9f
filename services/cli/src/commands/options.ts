/** Options that several verbs share, spelled and explained once. */
import { InvalidArgumentError, Option } from 'commander';
import { defaultDataFolder } from '../context.ts';

const portMax = 65_535;

export const dataOption = (): Option =>
  new Option('--data <dir>', 'where this Flyball keeps its data')
    .env('FLYBALL_DATA')
    .default(defaultDataFolder);

/** `-f a.yaml -f b.yaml`, or `-f a.yaml b.yaml`. */
export const fileOption = (): Option =>
  new Option('-f, --file <files...>', 'YAML of workloads and of config-autoscaler');

export const commandsOption = (): Option =>
  new Option('--commands <file>', 'table `image: command`: how to start an image on this machine');

export const strictOption = (): Option =>
  new Option('--strict', 'treat warnings as errors').default(false);

/** A whole number from 0 to 65535. */
export const parsePort = (text: string): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= portMax) return port;
  throw new InvalidArgumentError(`allowed: 0 (a free one) to ${portMax}.`);
};
