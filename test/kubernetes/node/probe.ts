/** Asks a container, over HTTP or by connecting to its port: whether it is ready, or may end. */
import { request } from 'node:http';
import { connect } from 'node:net';
import type { ContainerSpec, HttpGet, ReadinessProbe } from './pod-object.ts';

type Target = { readonly host: string; readonly port: number; readonly timeoutMs: number };

const portOf = (wanted: number | string, { name, ports }: ContainerSpec): number => {
  if (typeof wanted === 'number') return wanted;
  const found = ports.find((port) => port.name === wanted);
  if (found === undefined) throw new Error(`Container ${name} has no port named ${wanted}.`);
  return found.containerPort;
};

const accepts = ({ host, port, timeoutMs }: Target): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false)).once('timeout', () => end(false));
  });

const answers = (
  { host, port, timeoutMs }: Target,
  { path, httpHeaders }: HttpGet,
): Promise<boolean> =>
  new Promise((resolve) => {
    const headers = Object.fromEntries(httpHeaders.map(({ name, value = '' }) => [name, value]));
    const agent = 'kube-probe/1.36';
    const sent = request({
      ...{ host, port, path, agent: false, timeout: timeoutMs },
      headers: { 'user-agent': agent, ...headers },
    });
    const end = (answer: boolean) => {
      sent.destroy();
      resolve(answer);
    };
    sent.once('response', ({ statusCode = 0 }) => end(statusCode >= 200 && statusCode < 400));
    sent
      .once('error', () => end(false))
      .once('timeout', () => end(false))
      .end();
  });

/** Asks once. Throws when this node cannot ask that way (exec, gRPC, HTTPS). */
export const askReady = (
  container: ContainerSpec,
  { httpGet, tcpSocket, timeoutSeconds }: ReadinessProbe,
  podAddress: string,
): Promise<boolean> => {
  const timeoutMs = timeoutSeconds * 1_000;
  if (tcpSocket !== undefined) {
    return accepts({ host: podAddress, port: portOf(tcpSocket.port, container), timeoutMs });
  }
  if (httpGet === undefined || httpGet.scheme === 'HTTPS') {
    throw new Error(`Container ${container.name}: only httpGet and tcpSocket probes work here.`);
  }
  const host = httpGet.host ?? podAddress;
  return answers({ host, port: portOf(httpGet.port, container), timeoutMs }, httpGet);
};

/** Waits until the container's preStop hook has answered or failed, at most for the time given. */
export const askPreStop = async (
  container: ContainerSpec,
  podAddress: string,
  timeoutMs: number,
): Promise<void> => {
  const httpGet = container.lifecycle?.preStop?.httpGet;
  if (httpGet === undefined) return;
  const host = httpGet.host ?? podAddress;
  await answers({ host, port: portOf(httpGet.port, container), timeoutMs }, httpGet);
};
