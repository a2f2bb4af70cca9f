/** `doctor`: checks each part that Flyball needs, and says how to mend what is missing. */
import { resolve } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import { withCluster } from '../cluster/open-cluster.ts';
import { type Context, exitCode } from '../context.ts';
import { advised, type Check } from '../doctor/check.ts';
import { checkLog } from '../doctor/cluster/log-check.ts';
import {
  checkConsolePort,
  checkDataFolder,
  checkNode,
  checkPort,
  checkServer,
} from '../doctor/machine-checks.ts';
import { checkRunning } from '../doctor/running-checks.ts';
import { columnLines } from '../output/columns.ts';
import type { Terminal } from '../output/terminal.ts';
import { findRunning, type Running } from '../running.ts';
import { usualConsolePort } from '../up/choose-ports.ts';

export interface DoctorOptions {
  /** The data folder. */
  readonly data: string;
  readonly output: 'text' | 'json';
  /** A cluster is looked at, and this machine is not; empty: both, if KUBECONFIG names one. */
  readonly kubeconfig: string;
}

const gatewayPort = 8080;

const checkMachine = async (env: Context['env'], data: string): Promise<readonly Check[]> => [
  checkNode(process.versions.node),
  await checkServer('nats-server', env),
  await checkServer('redis-server', env),
  ...(await checkDataFolder(data)),
];

const runningOf = async (data: string): Promise<Running | undefined> => {
  try {
    return await findRunning(data);
  } catch (error) {
    const isNone = error instanceof OutsideError && error.code === 'NOT_RUNNING';
    if (isNone) return undefined;
    throw error;
  }
};

const checkLife = async (data: string): Promise<readonly Check[]> => {
  const running = await runningOf(data);
  if (running !== undefined) return checkRunning(running, resolve(data));
  const start = `Start it with \`flyball up --data ${data}\`, or name another folder.`;
  return [
    await checkPort(gatewayPort),
    await checkConsolePort(usualConsolePort),
    advised('Flyball', `none runs with ${data}`, start),
  ];
};

/** Loaded only where there is a cluster to look at: it brings Kubernetes' client along. */
const checkClusterOf = async (
  kubeconfig: string,
  signal: AbortSignal,
): Promise<readonly Check[]> => {
  const { checkCluster } = await import('../doctor/cluster/check-cluster.ts');
  return withCluster({ kubeconfig }, (cluster) =>
    checkCluster(cluster, (namespace) => checkLog({ kubeconfig, namespace, signal })),
  );
};

/** The variables by which a cluster is named: by a person, or by the cluster itself in its pods. */
const clusterVariables = ['KUBECONFIG', 'KUBERNETES_SERVICE_HOST'];

/** A cluster that only the environment names is good to know about, where it does not answer. */
const checkNamedCluster = async ({
  env,
  signal,
}: Pick<Context, 'env' | 'signal'>): Promise<readonly Check[]> => {
  if (clusterVariables.every((name) => (env[name] ?? '') === '')) return [];
  try {
    const checks = await checkClusterOf('', signal);
    return checks.map((check) => ({ ...check, needed: check.needed && checks.length > 1 }));
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error;
    const mend = 'Correct KUBECONFIG, or unset it where no cluster is meant.';
    return [advised('cluster', error.message, mend)];
  }
};

const checkThisMachine = async (
  context: Pick<Context, 'env' | 'signal'>,
  { data }: DoctorOptions,
): Promise<readonly Check[]> => {
  const { env } = context;
  const checks = await checkMachine(env, data);
  const writable = checks.every(({ part, ok }) => ok || part !== 'data folder');
  const life = writable ? await checkLife(data) : [];
  return [...checks, ...life, ...(await checkNamedCluster(context))];
};

const checkLines = (terminal: Terminal, checks: readonly Check[]): string[] => {
  const marked = ({ ok, needed }: Check): string => {
    if (ok) return terminal.styled('green', '✓');
    return needed ? terminal.styled('red', '✗') : terminal.styled('yellow', '!');
  };
  const lines = columnLines(checks.map((check) => [`${marked(check)} ${check.part}`, check.found]));
  return checks.flatMap(({ mend }, index) => [
    lines[index] ?? '',
    ...(mend === null ? [] : [`    ${mend}`]),
  ]);
};

/** `flyball doctor`. */
export const doctor = async (context: Context, options: DoctorOptions): Promise<number> => {
  const { terminal } = context;
  const all = await (options.kubeconfig === ''
    ? checkThisMachine(context, options)
    : checkClusterOf(options.kubeconfig, context.signal));
  const missing = all.filter(({ ok, needed }) => needed && !ok).length;
  if (options.output === 'json') {
    terminal.line(JSON.stringify({ ok: missing === 0, checks: all }, undefined, 2));
  } else {
    for (const line of checkLines(terminal, all)) terminal.line(line);
    terminal.line();
    terminal.line(missing === 0 ? 'Nothing is missing.' : `${missing} to mend.`);
  }
  return missing === 0 ? exitCode.ok : exitCode.no;
};
