/** Runs the local resources of an evaluated Tiltfile in their order, as Tilt would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Evaluated, Resource } from './tiltfile-evaluator.ts';

const readyLimitMs = 60_000;
const endLimitMs = 30_000;
const pollMs = 100;
const outputKeptMax = 20_000;

interface Running {
  readonly child: ChildProcess;
  /** What it wrote last. */
  readonly said: () => string;
}

export interface RunningResources extends AsyncDisposable {
  /** Runs the command of a manual resource; resolves with what it wrote, rejects if it failed. */
  trigger(name: string): Promise<string>;
  /** Ends what a resource serves and serves it again, as after an edit. */
  restart(name: string): Promise<void>;
}

const start = (words: readonly string[], folder: string | undefined): Running => {
  const [program = '', ...args] = words;
  // Its own group, which is ended as a whole.
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-outputKeptMax);
    });
  }
  return { child, said: () => said };
};

const signalGroup = ({ child }: Running, signal: NodeJS.Signals): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, signal);
};

const end = async (running: Running): Promise<void> => {
  const { child } = running;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  signalGroup(running, 'SIGTERM');
  const late = setTimeout(() => signalGroup(running, 'SIGKILL'), endLimitMs);
  await ended;
  clearTimeout(late);
};

const runToEnd = async ({ name, cmd, dir }: Resource): Promise<string> => {
  const running = start(cmd ?? [], dir);
  const [code] = await once(running.child, 'close');
  if (code === 0) return running.said();
  throw new Error(`${name} ended with ${code}:\n${running.said()}`);
};

const accepts = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });

const answersWell = async (url: string): Promise<boolean> => {
  try {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return status >= 200 && status < 400;
  } catch {
    return false;
  }
};

const isReady = async ({ readiness_probe: probe }: Resource): Promise<boolean> => {
  const { http_get: http, tcp_socket: tcp } = probe ?? {};
  if (http !== undefined) return answersWell(`http://${http.host}:${http.port}${http.path ?? ''}`);
  return tcp === undefined || accepts(tcp.port, tcp.host);
};

const serve = async (resource: Resource): Promise<Running> => {
  const running = start(resource.serve_cmd ?? [], resource.serve_dir);
  const untilMs = performance.now() + readyLimitMs;
  while (!(await isReady(resource))) {
    const { exitCode, signalCode } = running.child;
    const hasEnded = exitCode !== null || signalCode !== null;
    if (hasEnded || performance.now() > untilMs) {
      await end(running);
      const how = hasEnded ? `ended with ${exitCode ?? signalCode}` : 'was not ready in time';
      throw new Error(`${resource.name} ${how}:\n${running.said()}`);
    }
    await wait(pollMs);
  }
  return running;
};

/** Runs all that run by themselves; resolves once everything is done or ready. */
export const runResources = async ({ resources }: Evaluated): Promise<RunningResources> => {
  const automatic = resources.filter(({ auto_init }) => auto_init !== false);
  const serving = new Map<string, Running>();
  const settled = new Map<string, Promise<void>>();
  const run = async (resource: Resource): Promise<void> => {
    if ((resource.cmd ?? []).length > 0) await runToEnd(resource);
    if ((resource.serve_cmd ?? []).length > 0) serving.set(resource.name, await serve(resource));
  };
  const settle = (resource: Resource): Promise<void> => {
    const known = settled.get(resource.name);
    if (known !== undefined) return known;
    const needed = automatic.filter(({ name }) => resource.resource_deps?.includes(name));
    const settling = Promise.all(needed.map(settle)).then(() => run(resource));
    settled.set(resource.name, settling);
    return settling;
  };
  const endAll = async (): Promise<void> => {
    await Promise.all([...serving.values()].map(end));
  };
  const outcomes = await Promise.allSettled(automatic.map(settle));
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') {
    await endAll();
    throw failed.reason;
  }
  const named = (name: string): Resource => {
    const resource = resources.find((one) => one.name === name);
    if (resource === undefined) throw new Error(`there is no resource ${name}`);
    return resource;
  };
  return {
    trigger: (name) => runToEnd(named(name)),
    restart: async (name) => {
      const before = serving.get(name);
      if (before !== undefined) await end(before);
      serving.set(name, await serve(named(name)));
    },
    [Symbol.asyncDispose]: endAll,
  };
};
