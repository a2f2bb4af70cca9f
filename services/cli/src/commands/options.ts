/** Options that several verbs share, spelled and explained once. */
import type { WorkloadKey } from '@flyball/contracts';
import { InvalidArgumentError, Option } from 'commander';
import { defaultDataFolder } from '../context.ts';
import { momentsAllowed, parseMoment } from '../reading/moment.ts';
import { parseDomain } from './dns-label.ts';

const portMax = 65_535;
const nameMax = 253;
const namePattern = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;

export const dataOption = (): Option =>
  new Option('--data <dir>', 'where this Flyball keeps its data')
    .env('FLYBALL_DATA')
    .default(defaultDataFolder);

/** `-f a.yaml -f b.yaml`, or `-f a.yaml b.yaml`. */
export const fileOption = (): Option =>
  new Option(
    '-f, --file <files...>',
    'YAML of workloads and of config-autoscaler: files, folders, or - for standard input',
  );

export const commandsOption = (): Option =>
  new Option('--commands <file>', 'table `image: command`: how to start an image on this machine');

/** Of the hosts by which workloads are asked for. */
export const domainOption = (): Option =>
  new Option('--domain <domain>', 'hosts are <name>.<namespace>.<domain>')
    .argParser(parseDomain)
    .default('example.com');

export const logLevelOption = (): Option =>
  new Option('--log-level <level>', 'least level that the services log')
    .choices(['debug', 'info', 'warn', 'error'])
    .default('info');

/** Empty: the pod's service account, else KUBECONFIG (which may name several), else the home's. */
export const kubeconfigOption = (about = 'how to reach the cluster'): Option =>
  new Option('--kubeconfig <file>', about).default('', 'as kubectl has it');

export const outputOption = (): Option =>
  new Option('-o, --output <format>', 'text for people, json for programs')
    .choices(['text', 'json'])
    .default('text');

export const strictOption = (): Option =>
  new Option('--strict', 'treat warnings as errors').default(false);

/** A whole number from 0 to 65535. */
export const parsePort = (text: string): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= portMax) return port;
  throw new InvalidArgumentError(`allowed: 0 (a free one) to ${portMax}.`);
};

/** A moment, as UTC ms. */
export const parseAt = (given: string): number => {
  const atMs = parseMoment(given, Date.now());
  if (atMs !== undefined) return atMs;
  throw new InvalidArgumentError(`allowed: ${momentsAllowed}.`);
};

/** `NS/NAME`, or `NAME` in the namespace `default`. */
export const parseWorkload = (given: string): WorkloadKey => {
  const [namespace = '', name = '', ...rest] = given.includes('/')
    ? given.split('/')
    : ['default', given];
  const fits = [namespace, name].every((part) => part.length <= nameMax && namePattern.test(part));
  if (fits && rest.length === 0) return `${namespace}/${name}`;
  throw new InvalidArgumentError('allowed: NAMESPACE/NAME, or NAME for default/NAME.');
};
