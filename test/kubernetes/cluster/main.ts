/** A cluster of one's own for one command: `node test/kubernetes/cluster/main.ts [COMMAND…]`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPrograms } from '../control-plane/programs.ts';
import { findIsolation, hasPodAddresses } from '../network/isolation.ts';
import { startCluster } from './start-cluster.ts';

const usage = `node test/kubernetes/cluster/main.ts [COMMAND…]
Starts a cluster in a network of its own, runs COMMAND (a shell without one) with KUBECONFIG
set, and ends the cluster with it.
`;

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** Runs a command in our place; resolves with its exit code. */
const runCommand = async (command: readonly string[], env = process.env): Promise<number> => {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env, stdio: 'inherit' });
  // The cluster outlives the command, not the other way round: a signal is the command's first.
  const passOn = (signal: NodeJS.Signals) => void (process.stdin.isTTY || child.kill(signal));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, passOn);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
};

const runInCluster = async (command: readonly string[]): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-cluster-'));
  try {
    await using cluster = await startCluster({ folder, tell });
    const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
    return await runCommand(['setpriv', '--pdeathsig', 'KILL', '--', ...command], env);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
};

/** The same command again, in a network in which pods can have their addresses. */
const runIsolated = async (): Promise<number> => {
  const isolation = findIsolation();
  if (isolation.kind === 'refused') throw new Error(`${isolation.why}.`);
  await buildPrograms(tell);
  return runCommand(
    isolation.wrap([process.execPath, ...process.execArgv, ...process.argv.slice(1)]),
  );
};

const command = process.argv.slice(2);
if (command[0] === '--help' || command[0] === '-h') process.stdout.write(usage);
else if (!(await hasPodAddresses())) process.exitCode = await runIsolated();
else {
  const { SHELL = 'sh' } = process.env;
  process.exitCode = await runInCluster(command.length === 0 ? [SHELL] : command);
}
