/** The container of a pod that takes requests: where it listens, and its probe if it may move. */
import type { Annotations } from '@flyball/knative';
import { podProtocolOf } from '../../pod-protocol.ts';
import type { Container, Pod, Probe } from './pod.ts';

/** As the queue-proxy's setting takes it. */
export interface MovedProbe {
  readonly httpGet?: {
    readonly path: string;
    readonly port: number;
    readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
  };
  readonly tcpSocket?: { readonly port: number };
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}

export interface AppContainer {
  /** Its place among the containers. */
  readonly index: number;
  readonly port: number;
  /** Undefined: it has none, or one that only the kubelet can ask. */
  readonly probe: MovedProbe | undefined;
  /** The port is spoken to by HTTP/2 without TLS. */
  readonly isHttp2: boolean;
}

type Port = NonNullable<Container['ports']>[number];

const isTcp = ({ protocol }: Port): boolean => protocol === undefined || protocol === 'TCP';

const portNumber = (container: Container, port: number | string): number | undefined =>
  typeof port === 'number'
    ? port
    : container.ports?.find(({ name }) => name === port)?.containerPort;

const timings = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

const timesOf = (probe: Probe) =>
  Object.fromEntries(
    timings.flatMap((key) => (typeof probe[key] === 'number' ? [[key, probe[key]]] : [])),
  );

/** By HTTPS, at another host, by a command or by gRPC it stays where it is. */
const movedProbe = (container: Container): MovedProbe | undefined => {
  const { readinessProbe: probe } = container;
  if (probe?.httpGet !== undefined) {
    const { path = '/', port, host, scheme = 'HTTP', httpHeaders } = probe.httpGet;
    const number = portNumber(container, port);
    if (host !== undefined || scheme !== 'HTTP' || number === undefined) return undefined;
    const httpGet = { path, port: number, ...(httpHeaders && { httpHeaders }) };
    return { httpGet, ...timesOf(probe) };
  }
  if (probe?.tcpSocket === undefined || probe.tcpSocket.host !== undefined) return undefined;
  const number = portNumber(container, probe.tcpSocket.port);
  return number === undefined ? undefined : { tcpSocket: { port: number }, ...timesOf(probe) };
};

const portIn = (annotations: Annotations): number | undefined => {
  const port = Number(annotations['flyball.dev/port']);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
};

/**
 * The container that has the annotated port, else the first that has a port of TCP; undefined when
 * nothing says where requests go.
 */
export const appContainerOf = (
  { spec }: Pod,
  annotations: Annotations,
): AppContainer | undefined => {
  const annotatedPort = portIn(annotations);
  const listening = spec.containers.flatMap((container, index) =>
    (container.ports ?? []).filter(isTcp).map((port) => ({ container, index, port })),
  );
  const found =
    annotatedPort === undefined
      ? listening[0]
      : listening.find(({ port }) => port.containerPort === annotatedPort);
  if (found === undefined && annotatedPort === undefined) return undefined;
  const index = found?.index ?? 0;
  const container = spec.containers[index];
  return (
    container && {
      index,
      port: annotatedPort ?? found?.port.containerPort ?? 0,
      probe: movedProbe(container),
      isHttp2: podProtocolOf({ annotations, portName: found?.port.name }) === 'h2c',
    }
  );
};
