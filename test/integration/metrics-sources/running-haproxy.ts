/** A real HAProxy before a server of this process, with its own page of metrics. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../free-ports.ts';
import { until } from '../shells-bed.ts';

/** On PATH, or there is none. */
const program = 'haproxy';

export interface RunningHaproxy extends AsyncDisposable {
  /** Where clients ask. */
  readonly url: string;
  readonly metricsUrl: string;
}

const configOf = (ports: { clients: number; metrics: number; app: number }, name: string) => `
global
  maxconn 200
  nbthread 1
defaults
  mode http
  option http-server-close
  timeout connect 2s
  timeout client 60s
  timeout server 60s
frontend clients
  bind 127.0.0.1:${ports.clients}
  default_backend ${name}
frontend metrics
  bind 127.0.0.1:${ports.metrics}
  http-request use-service prometheus-exporter if { path /metrics }
backend ${name}
  server app 127.0.0.1:${ports.app}
`;

/** Is there one, with its exporter? It says so itself. */
export const hasHaproxy = async (): Promise<boolean> => {
  try {
    const { stdout } = await promisify(execFile)(program, ['-vv']);
    return stdout.includes('prometheus-exporter');
  } catch {
    return false;
  }
};

const end = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, 'exit');
  if (child.exitCode === null && child.kill('SIGKILL')) await ended;
};

/** Starts it before the port; `name` is that of its backend. */
export const startHaproxy = async (appPort: number, name: string): Promise<RunningHaproxy> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-haproxy-'));
  const [clients = 0, metrics = 0] = await freePorts(2);
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, configOf({ clients, metrics, app: appPort }, name));
  const child = spawn(program, ['-db', '-f', file], { stdio: 'ignore' });
  const metricsUrl = `http://127.0.0.1:${metrics}/metrics`;
  await until('HAProxy tells its metrics', () =>
    fetch(metricsUrl).then(
      ({ status }) => (status === 200 ? true : undefined),
      () => undefined,
    ),
  );
  return {
    url: `http://127.0.0.1:${clients}/`,
    metricsUrl,
    [Symbol.asyncDispose]: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
