/** The queue-proxy as a sidecar: which pods get one, and how. */
export {
  asksForQueueProxy,
  type Injection,
  type InjectionInput,
  injectQueueProxy,
} from './inject-queue-proxy.ts';
export { deploymentOf, type Pod, podSchema } from './pod.ts';
export type { QueueProxySettings } from './queue-proxy-container.ts';
