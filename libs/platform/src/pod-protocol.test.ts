/** What says that a pod speaks HTTP/2. */
import { expect, it } from 'vitest';
import { type PortSigns, podProtocolOf } from './pod-protocol.ts';

const annotated = (protocol: string) => ({ 'flyball.dev/protocol': protocol });

it.each<readonly [PortSigns, 'h2c' | undefined]>([
  [{}, undefined],
  [{ portName: 'http1' }, undefined],
  [{ portName: 'h2c' }, 'h2c'],
  [{ portName: 'http2' }, 'h2c'],
  [{ portName: 'grpc-orders' }, 'h2c'],
  [{ portName: 'grpcurl' }, undefined],
  [{ appProtocol: 'kubernetes.io/h2c', portName: 'web' }, 'h2c'],
  [{ appProtocol: 'http', portName: 'web' }, undefined],
  [{ annotations: annotated('h2c'), portName: 'http1' }, 'h2c'],
  [{ annotations: annotated('http1'), portName: 'h2c' }, undefined],
  [{ annotations: annotated('quic'), portName: 'h2c' }, 'h2c'],
])('%o is %s', (signs, protocol) => {
  expect(podProtocolOf(signs)).toBe(protocol);
});
