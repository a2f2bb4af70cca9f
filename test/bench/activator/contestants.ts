/** Who is measured: our core, the whole activator, and the references that this machine has. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@flyball/event-log/testing';
import { openGateway } from '../../integration/data-plane/gateway.ts';
import { buildGo, buildKnativeChain, findProgram, knativeChain } from './tools.ts';

export const contestantNames = ['core', 'activator', 'go', 'haproxy', 'knative'] as const;
export type ContestantName = (typeof contestantNames)[number];

export interface Contestant<Name extends string = ContestantName> {
  readonly name: Name;
  readonly port: number;
  /** The process whose tree is measured. */
  readonly pid: number;
}

export interface Arena {
  /** Where the pods answer without anybody between. */
  readonly directPort: number;
  readonly contestants: readonly Contestant[];
  /** One line for each reference that is not here: how to get it. */
  readonly missing: readonly string[];
}

export interface ArenaOptions {
  readonly path: string;
  /** Build Knative's chain when it is not there yet. */
  readonly knative: boolean;
  readonly tell: (line: string) => void;
}

/** The Host of every request; the workload that the activator routes it to. */
export const benchHost = 'app.default.example.com';
const workload = 'default/app';
const podCount = 3;
const startLimitMs = 15_000;
const pollMs = 20;
const local = (port: number): string => `127.0.0.1:${port}`;

const accepts = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

const untilAccepts = async (child: ChildProcess, port: number): Promise<void> => {
  const endMs = performance.now() + startLimitMs;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > endMs) {
      throw new Error(`${child.spawnfile} does not listen on port ${port}`);
    }
    await sleep(pollMs);
  }
};

export type Stack = AsyncDisposableStack;

/** Starts a program that is told its ports by arguments, and ends it with the stack. */
const start = async (stack: Stack, port: number, program: string, args: readonly string[]) => {
  const child = spawn(program, args, { stdio: 'ignore' });
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await untilAccepts(child, port);
  return { port, pid: child.pid ?? 0 };
};

/** Pods that answer 100 bytes, in one process: their ports. */
export const startPods = async (stack: Stack, path: string): Promise<readonly number[]> => {
  const ports = await Promise.all(Array.from({ length: podCount }, freePort));
  const [first = 0] = ports;
  const built = await buildGo('upstream', path);
  if (built !== undefined) await start(stack, first, built, ports.map(local));
  else {
    const script = join(import.meta.dirname, 'node-upstream.mjs');
    await start(stack, first, process.execPath, [script, ...ports.map(String)]);
  }
  return ports;
};

const startCore = async (stack: Stack, pods: readonly number[]): Promise<Contestant> => {
  const port = await freePort();
  const script = join(import.meta.dirname, 'core-gateway.ts');
  const args = [script, ...[port, ...pods].map(String)];
  return { name: 'core', ...(await start(stack, port, process.execPath, args)) };
};

export interface ActivatorWanted<Name extends string> {
  readonly name: Name;
  readonly pods: readonly number[];
  readonly settings?: Record<string, string>;
}

/** A whole activator on a bus of its own, which has answered a first request. */
export const startActivator = async <Name extends string>(
  stack: Stack,
  { name, pods, settings }: ActivatorWanted<Name>,
): Promise<Contestant<Name>> => {
  const gateway = stack.use(await openGateway(settings));
  await gateway.appear(workload);
  for (const [at, port] of pods.entries()) await gateway.facts.addPod(workload, `app-${at}`, port);
  await gateway.ask(workload).answer;
  return {
    name,
    port: Number(new URL(gateway.url).port),
    pid: gateway.activator.child.pid ?? 0,
  };
};

const haproxyConfig = (port: number, pods: readonly number[]): string =>
  `global
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
  http-reuse always
frontend gateway
  bind ${local(port)}
  default_backend pods
backend pods
  balance leastconn
${pods.map((pod, at) => `  server pod${at} ${local(pod)} maxconn 1000`).join('\n')}
`;

const startHaproxy = async (
  stack: Stack,
  program: string,
  pods: readonly number[],
): Promise<Contestant> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, haproxyConfig(port, pods));
  return { name: 'haproxy', ...(await start(stack, port, program, ['-f', file, '-db'])) };
};

const startReference = async (
  stack: Stack,
  name: ContestantName,
  program: string,
  pods: readonly number[],
): Promise<Contestant> => {
  const port = await freePort();
  return { name, ...(await start(stack, port, program, [local(port), ...pods.map(local)])) };
};

const knativeProgram = async ({ path, knative, tell }: ArenaOptions) => {
  const built = findProgram(knativeChain, path);
  if (built !== undefined || !knative) return built;
  tell("building Knative's activator chain: minutes, once");
  return buildKnativeChain(path);
};

/** Starts everything; ended with the stack. */
export const openArena = async (stack: Stack, options: ArenaOptions): Promise<Arena> => {
  const { path } = options;
  const pods = await startPods(stack, path);
  const contestants = [
    await startCore(stack, pods),
    await startActivator(stack, { name: 'activator', pods }),
  ];
  const missing: string[] = [];
  const rproxy = await buildGo('rproxy', path);
  if (rproxy !== undefined) contestants.push(await startReference(stack, 'go', rproxy, pods));
  else missing.push('Go ReverseProxy is not measured: put Go 1.24 or newer on PATH.');
  const haproxy = findProgram('haproxy', path);
  if (haproxy !== undefined) contestants.push(await startHaproxy(stack, haproxy, pods));
  else missing.push('HAProxy is not measured: install it, for instance `apt-get install haproxy`.');
  const knative = await knativeProgram(options);
  if (knative !== undefined) {
    contestants.push(await startReference(stack, 'knative', knative, pods));
  } else {
    const how = 'with Go on PATH, `--knative` fetches and builds it (minutes, once).';
    missing.push(`Knative's activator chain is not measured: ${how}`);
  }
  return { directPort: pods[0] ?? 0, contestants, missing };
};
