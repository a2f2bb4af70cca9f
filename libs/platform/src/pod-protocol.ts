/** How a pod is spoken to: by HTTP/2 (h2c) where something says so, else by HTTP/1.1. */
import { workloadAnnotation } from './annotations.ts';

/** What is known of a workload's pods and of the port on which they take requests. */
export interface PortSigns {
  readonly annotations?: Readonly<Record<string, string>>;
  /** `appProtocol` of the port, where a Service gives one. */
  readonly appProtocol?: string | undefined;
  /** The container port's name. */
  readonly portName?: string | undefined;
}

const http2Protocols: ReadonlySet<string> = new Set(['kubernetes.io/h2c', 'h2c', 'http2', 'grpc']);

/** Knative's names, and those that meshes give a meaning: `grpc` as well as `grpc-orders`. */
const http2PortName = /^(h2c|http2|grpc)(-|$)/;

/**
 * The annotation `flyball.dev/protocol` decides, then the port's appProtocol, then its name;
 * undefined is HTTP/1.1. gRPC needs no sign: it is HTTP/2 in any case.
 */
export const podProtocolOf = (signs: PortSigns): 'h2c' | undefined => {
  const told = signs.annotations?.[workloadAnnotation.protocol];
  if (told === 'h2c') return 'h2c';
  if (told === 'http1') return undefined;
  const isHttp2 =
    http2Protocols.has(signs.appProtocol ?? '') || http2PortName.test(signs.portName ?? '');
  return isHttp2 ? 'h2c' : undefined;
};
