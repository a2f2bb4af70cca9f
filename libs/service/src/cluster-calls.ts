/** Calls to a Kubernetes API server, counted and timed. */
import { Counter, Histogram } from 'prom-client';
import type { Life } from './life.ts';

/** Fewer than of our own work: there is one series for each verb of each resource. */
const callBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts each call by verb, resource and HTTP status; 0 is one without an answer. */
export const countClusterCalls = (
  life: Life,
): ((verb: string, resource: string, code: number, tookMs: number) => void) => {
  const registers = [life.metrics];
  const calls = new Counter({
    name: 'flyball_cluster_calls_total',
    help: 'Calls to the Kubernetes API server by verb, resource and status; 0: no answer.',
    labelNames: ['verb', 'resource', 'code'] as const,
    registers,
  });
  const seconds = new Histogram({
    name: 'flyball_cluster_call_seconds',
    help: 'Time of a call to the Kubernetes API server until the head of its answer.',
    labelNames: ['verb', 'resource'] as const,
    buckets: callBuckets,
    registers,
  });
  return (verb, resource, code, tookMs) => {
    calls.inc({ verb, resource, code: String(code) });
    seconds.observe({ verb, resource }, tookMs / 1_000);
  };
};
