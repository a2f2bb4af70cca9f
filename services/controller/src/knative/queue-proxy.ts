/** The queue-proxy beside the pods of a Knative Service. */
import type { JsonMap } from '../objects/cluster-object.ts';
import type { QueueProxyOf } from './observed.ts';

const requestsPort = 8012;
const metricsPort = 9090;

/** Both listen on the pod's own address: pods may share a network. */
const podAddress: JsonMap = {
  name: 'POD_IP',
  valueFrom: { fieldRef: { fieldPath: 'status.podIP' } },
};

const container = (image: string, pod: QueueProxyOf): JsonMap => {
  const { targetPort, portName, containerConcurrency, timeoutSeconds } = pod;
  const milliseconds = String(timeoutSeconds * 1_000);
  const settings = {
    FLYBALL_QUEUE_LISTEN: `$(POD_IP):${requestsPort}`,
    FLYBALL_QUEUE_TARGET: `$(POD_IP):${targetPort}`,
    FLYBALL_QUEUE_PROTOCOL: portName === 'h2c' || portName === 'http2' ? 'h2c' : 'http1',
    FLYBALL_CONTAINER_CONCURRENCY: String(containerConcurrency),
    FLYBALL_REQUEST_TIMEOUT_MS: milliseconds,
    FLYBALL_DRAIN_MS: milliseconds,
    FLYBALL_HEALTH_HOST: '$(POD_IP)',
    FLYBALL_HEALTH_PORT: String(metricsPort),
  };
  return {
    name: 'queue-proxy',
    image,
    ports: [
      { name: 'queue-port', containerPort: requestsPort },
      { name: 'queue-metrics', containerPort: metricsPort },
    ],
    env: [podAddress, ...Object.entries(settings).map(([name, value]) => ({ name, value }))],
    readinessProbe: { httpGet: { path: '/readyz', port: metricsPort }, periodSeconds: 1 },
    resources: { requests: { cpu: '25m', memory: '64Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
};

/** The sidecar of a pod; undefined where no image is given. */
export const queueProxyOf =
  (image: string): ((pod: QueueProxyOf) => JsonMap | undefined) =>
  (pod) =>
    image === '' ? undefined : container(image, pod);
