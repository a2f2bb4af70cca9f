/** Which of a Service's ports carry requests, and which port that is on a pod or an activator. */
import type { DiscoveryV1EndpointPort, V1Service, V1ServicePort } from '@kubernetes/client-node';
import type { EndpointPod } from './endpoint-pod.ts';

const tcp = 'TCP';
/** Names and protocols by which a port says that it speaks HTTP without encryption. */
const requestName = /^(http|http1|http2|h2c|grpc|ws)(-.*)?$/;
const requestProtocols: ReadonlySet<string> = new Set([
  'http',
  'http2',
  'h2c',
  'grpc',
  'ws',
  'kubernetes.io/h2c',
  'kubernetes.io/ws',
]);
/** Encrypted from the client to the pod: nobody on the way can read the Host. */
const encrypted = /^(https|wss|tls)([-0-9].*)?$/;

const protocolOf = ({ protocol }: V1ServicePort): string => protocol ?? tcp;

const isEncrypted = ({ name = '', appProtocol = '' }: V1ServicePort): boolean =>
  encrypted.test(name) || encrypted.test(appProtocol) || appProtocol === 'kubernetes.io/wss';

const speaksHttp = ({ name = '', appProtocol }: V1ServicePort): boolean =>
  appProtocol === undefined ? requestName.test(name) : requestProtocols.has(appProtocol);

export interface PortsByUse {
  /** Flyball decides where these lead. */
  readonly requests: readonly V1ServicePort[];
  /** These always lead to the pods: no activator speaks what they speak. */
  readonly others: readonly V1ServicePort[];
}

/** A single port carries requests; of several those that say so; where none does, the first. */
export const portsByUse = (ports: readonly V1ServicePort[]): PortsByUse => {
  const possible = ports.filter((port) => protocolOf(port) === tcp && !isEncrypted(port));
  const said = possible.filter(speaksHttp);
  const requests = said.length > 0 ? said : possible.slice(0, 1);
  return { requests, others: ports.filter((port) => !requests.includes(port)) };
};

/** False for a Service all of whose ports have TLS, or are not TCP. */
export const carriesRequests = ({ spec }: V1Service): boolean =>
  portsByUse(spec?.ports ?? []).requests.length > 0;

const endpointPort = (port: V1ServicePort, number: number): DiscoveryV1EndpointPort => ({
  name: port.name ?? '',
  port: number,
  protocol: protocolOf(port),
  ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
});

const numberOnPod = (port: V1ServicePort, pod: EndpointPod): number | undefined => {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  return pod.ports.find(({ name, protocol }) => name === target && protocol === protocolOf(port))
    ?.port;
};

/** The ports on this pod; one that is named by nothing in it is left out. */
export const portsOnPod = (
  ports: readonly V1ServicePort[],
  pod: EndpointPod,
  areRequests: boolean,
): readonly DiscoveryV1EndpointPort[] =>
  ports.flatMap((port) => {
    const number = (areRequests ? pod.queuePort : undefined) ?? numberOnPod(port, pod);
    return number === undefined ? [] : [endpointPort(port, number)];
  });

/** One of these names, then the first port of all. */
const activatorPortNames = ['http', 'http1', ''];

const numberOnActivator = (
  own: readonly DiscoveryV1EndpointPort[],
  { name = '', appProtocol = '' }: V1ServicePort,
): number | undefined => {
  const open = own.filter(({ protocol }) => (protocol ?? tcp) === tcp);
  const speaksH2c = appProtocol === 'kubernetes.io/h2c' || /^(h2c|grpc|http2)/.test(name);
  const wanted = speaksH2c ? ['h2c', 'http2', ...activatorPortNames] : activatorPortNames;
  for (const one of wanted) {
    const found = open.find((port) => (port.name ?? '') === one)?.port;
    if (found !== undefined) return found;
  }
  return open[0]?.port;
};

/** The ports by which an activator takes this Service's requests, of those that it has itself. */
export const portsOnActivator = (
  ports: readonly V1ServicePort[],
  own: readonly DiscoveryV1EndpointPort[],
): readonly DiscoveryV1EndpointPort[] =>
  ports.flatMap((port) => {
    const number = numberOnActivator(own, port);
    return number === undefined ? [] : [endpointPort(port, number)];
  });
