/** The forwarding core, HTTP/1.1 and HTTP/2, that the activator and the queue-proxy share. */

export type {
  Balancer,
  BalancerOptions,
  PodAddress,
  SeekContact,
  Waiting,
} from './balancer.ts';
export { createBalancer } from './balancer.ts';
export type { Clock } from './clock.ts';
export type { ConcurrencyMeter, CountedTotal, SecondCount } from './concurrency-meter.ts';
export { createConcurrencyMeter } from './concurrency-meter.ts';
export type { EndReason } from './failure.ts';
export type { HoldingBudget } from './holding-budget.ts';
export { createHoldingBudget } from './holding-budget.ts';
export type {
  Holdable,
  HoldEnd,
  HoldingLedger,
  HoldingOptions,
  HoldingQueue,
  HoldTicket,
} from './holding-queue.ts';
export { createHoldingQueue } from './holding-queue.ts';
export type { ProxyLimits } from './limits.ts';
export { defaultProxyLimits } from './limits.ts';
export type { Pod, PodPhase, PodProtocol } from './pod.ts';
export type { PodConnectionLimits } from './pod-connections.ts';
export { defaultPodConnectionLimits } from './pod-connections.ts';
export type { ProbeLimits, ProbePace } from './prober.ts';
export { createProbePace, defaultProbeLimits } from './prober.ts';
export { proxiedHeader } from './proxied-header.ts';
export type { ProxyHooks } from './proxy-core.ts';
export type { HeldRequest, ProxyRequest } from './proxy-request.ts';
export type { ListenAddress, ProxyServer, ProxyServerOptions } from './proxy-server.ts';
export { createProxyServer } from './proxy-server.ts';
export { setHeader } from './raw-headers.ts';
export type { Refusal } from './refusal.ts';
export { refuse } from './refusal.ts';
export type { ForwardTarget } from './route.ts';
export type { DrainResult } from './server-drain.ts';
