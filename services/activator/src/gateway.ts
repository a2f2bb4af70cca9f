/** The data port: routes by Host, forwards or holds, and counts each request exactly once. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import {
  createProxyServer,
  type ProxyLimits,
  type ProxyRequest,
  type ProxyServer,
  proxiedHeader,
  type Refusal,
  refuse,
  setHeader,
} from '@flyball/proxy';
import type { RequestHooks } from './request-hooks.ts';
import type { Upstream } from './upstream.ts';

export interface GatewayOptions {
  readonly domain: string;
  /** Whom a Host header asks for; undefined when it is nobody's. */
  readonly workloadOf: (host: string) => WorkloadKey | undefined;
  readonly limits: Partial<ProxyLimits>;
  /**
   * True: X-Forwarded-Proto and -Host of the caller, an ingress, are kept. False: they are set, as
   * clients come here themselves.
   */
  readonly trustForwarded: boolean;
  readonly hooks: RequestHooks;
  readonly upstreamOf: (workload: WorkloadKey) => Upstream | undefined;
}

const unknownHost = (host: string, domain: string): Refusal =>
  refuse(
    404,
    `No workload answers to Host ${JSON.stringify(host)}. ` +
      `Hosts here are <name>.<namespace>.${domain} and those of the workloads' Services; ` +
      '`flyball get` lists the workloads.',
  );

const unknownWorkload = (workload: WorkloadKey, host: string): Refusal => {
  const { namespace, name } = workloadName(workload);
  return refuse(
    404,
    `There is no workload ${name} in namespace ${namespace} (Host ${host}). ` +
      'Apply it with `flyball apply -f FILE`; `flyball get` lists the workloads.',
  );
};

/** Builds the gateway's server; it listens when told to. */
export const createGateway = (options: GatewayOptions): ProxyServer => {
  const { hooks, domain, workloadOf } = options;
  const route = (request: ProxyRequest): Upstream | Refusal => {
    const workload = workloadOf(request.host);
    if (workload === undefined) return unknownHost(request.host, domain);
    return options.upstreamOf(workload) ?? unknownWorkload(workload, request.host);
  };
  return createProxyServer<Upstream>({
    route,
    markHeader: proxiedHeader,
    setMark: true,
    trustForwarded: options.trustForwarded,
    limits: options.limits,
    hooks: {
      ...hooks,
      rewriteHeaders: (headers, upstream, request) => {
        const traceparent = hooks.onSent(upstream, request);
        if (traceparent !== null) setHeader(headers, 'traceparent', traceparent);
      },
    },
  });
};
