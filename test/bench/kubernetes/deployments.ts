/** The Deployments of the bench: made many at once, waited for, taken away with their namespace. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { WorkloadKey } from '@flyball/contracts';
import pLimit from 'p-limit';
import { deploymentsPath } from '../../kubernetes/harness/deployment.ts';
import type { ClusterBed } from './bed.ts';

const port = 8080;
const sampleImage = 'gcr.io/knative-samples/autoscale-go:0.1';
const listening = [process.execPath, join(import.meta.dirname, '../pipeline/listening-pod.mjs')];
const callsAtOnce = 16;
const pollMs = 250;
const knownLimitMs = 300_000;

/** What runs in the pods. */
export type PodKind =
  /** The articles' sample. */
  | 'sample'
  /** A small server that nobody asks. */
  | 'listening'
  /** No node takes them: they are made and never start. */
  | 'nowhere';

export interface DeploymentsWanted {
  /** A namespace of their own. */
  readonly namespace: string;
  readonly count: number;
  readonly pods: PodKind;
  readonly replicas: number;
  /** Without the prefix `autoscaling.knative.dev/`. */
  readonly annotations: Readonly<Record<string, string>>;
}

const podSpecs = {
  sample: {
    containers: [{ name: 'app', image: sampleImage, ports: [{ containerPort: port }] }],
  },
  listening: {
    containers: [
      { name: 'app', image: 'none', command: listening, ports: [{ containerPort: port }] },
    ],
  },
  nowhere: {
    nodeSelector: { 'flyball.dev/bench': 'nowhere' },
    containers: [{ name: 'app', image: sampleImage, ports: [{ containerPort: port }] }],
  },
} as const;

const objectOf = (name: string, wanted: DeploymentsWanted) => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: { name, annotations: { 'flyball.dev/enabled': 'true' } },
  spec: {
    replicas: wanted.replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: {
        labels: { app: name },
        annotations: Object.fromEntries(
          Object.entries(wanted.annotations).map(([key, value]) => [
            `autoscaling.knative.dev/${key}`,
            value,
          ]),
        ),
      },
      spec: { terminationGracePeriodSeconds: 1, ...podSpecs[wanted.pods] },
    },
  },
});

/** Resolves with their keys when each has a policy in the log. */
export const makeDeployments = async (
  { api, watch }: ClusterBed,
  wanted: DeploymentsWanted,
): Promise<readonly WorkloadKey[]> => {
  const { namespace, count } = wanted;
  const names = Array.from({ length: count }, (_, index) => `web-${index}`);
  const keys = names.map((name): WorkloadKey => `${namespace}/${name}`);
  const unknown = new Set<string>(keys);
  const unfollow = watch.follow(({ event }) => {
    if (event.type === 'PolicySet') unknown.delete(event.workload ?? '');
  });
  const limit = pLimit(callsAtOnce);
  const create = (name: string) => api.create(deploymentsPath(namespace), objectOf(name, wanted));
  const untilMs = performance.now() + knownLimitMs;
  try {
    await api.create('/api/v1/namespaces', { metadata: { name: namespace } });
    await Promise.all(names.map((name) => limit(() => create(name))));
    while (unknown.size > 0) {
      if (performance.now() > untilMs) throw new Error(`${unknown.size} have no policy`);
      await wait(pollMs);
    }
  } finally {
    unfollow();
  }
  return keys;
};

interface Counts {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number };
}

/** Resolves when each wants, has, and has ready so many pods. */
export const untilAllHave = async (
  { api }: ClusterBed,
  namespace: string,
  replicas: number,
  limitMs: number,
): Promise<void> => {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    const { items } = await api.list(deploymentsPath(namespace));
    const wrong = items.filter((item) => {
      const { spec, status } = item as Counts;
      const counts = [spec?.replicas, status?.replicas, status?.readyReplicas];
      return counts.some((count = 0) => count !== replicas);
    });
    if (wrong.length === 0) return;
    if (performance.now() > untilMs) {
      throw new Error(`${wrong.length} of ${items.length} have not ${replicas} ready pods`);
    }
    await wait(pollMs);
  }
};

/** Takes the namespace away; what was in it goes in the background. */
export const removeDeployments = async (
  { api, watch }: ClusterBed,
  namespace: string,
  keys: readonly WorkloadKey[],
): Promise<void> => {
  const there = new Set<string>(keys);
  const unfollow = watch.follow(({ event }) => {
    if (event.type === 'WorkloadGone') there.delete(event.workload ?? '');
  });
  const untilMs = performance.now() + knownLimitMs;
  try {
    await api.delete(`/api/v1/namespaces/${namespace}`);
    while (there.size > 0 && performance.now() < untilMs) await wait(pollMs);
  } finally {
    unfollow();
  }
};
