/** How a queue-proxy is known in a pod: by the name of its container, and by those of its ports. */
export const queueProxyNames = {
  container: 'queue-proxy',
  /** Where it takes requests. */
  requestsPort: 'queue-port',
  metricsPort: 'queue-metrics',
} as const;
