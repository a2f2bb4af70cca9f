/** Calls to a Kubernetes API server, counted. */
import { Counter } from 'prom-client';
import type { Life } from './life.ts';

/** Counts each call by verb, resource and HTTP status; 0 is one without an answer. */
export const countClusterCalls = (
  life: Life,
): ((verb: string, resource: string, code: number) => void) => {
  const calls = new Counter({
    name: 'flyball_cluster_calls_total',
    help: 'Calls to the Kubernetes API server by verb, resource and status; 0: no answer.',
    labelNames: ['verb', 'resource', 'code'] as const,
    registers: [life.metrics],
  });
  return (verb, resource, code) => calls.inc({ verb, resource, code: String(code) });
};
