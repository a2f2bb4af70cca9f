/** What the local-node tells Prometheus. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Node } from './node/node.ts';

/** What is counted of a node. */
export interface MeasuredNode {
  readonly objects: Pick<Node['objects'], 'list'>;
  readonly pods: Pick<Node['pods'], 'list'>;
  readonly crashes: Node['crashes'];
}

const podState = ({ ready, unreadyReason }: { ready: boolean; unreadyReason: string | null }) =>
  ready ? 'ready' : (unreadyReason ?? 'starting');

const podStates = ['ready', 'starting', 'draining', 'crashed', 'probe-failed', 'unknown'] as const;

/** Registers the gauges of what the node holds; they are worked out when they are read. */
export const registerMetrics = (
  registry: Registry,
  node: MeasuredNode,
  watchers: () => number,
): void => {
  const registers = [registry];
  const workloads = (): number => node.objects.list().length;
  new Gauge({
    name: 'flyball_local_node_pods',
    help: 'Pods by state.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of podStates) {
        const count = node.pods.list().filter((pod) => podState(pod) === state).length;
        this.set({ state }, count);
      }
    },
  });
  new Gauge({
    name: 'flyball_local_node_workloads',
    help: 'Workloads that this node holds.',
    registers,
    collect() {
      this.set(workloads());
    },
  });
  new Gauge({
    name: 'flyball_local_node_open_watches',
    help: 'Open watches.',
    registers,
    collect() {
      this.set(watchers());
    },
  });
  new Counter({
    name: 'flyball_local_node_pod_crashes_total',
    help: 'Processes of pods that ended by themselves.',
    registers,
    collect() {
      this.reset();
      this.inc(node.crashes());
    },
  });
};
