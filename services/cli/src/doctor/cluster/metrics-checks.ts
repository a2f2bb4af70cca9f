/** The metrics API, without which a HorizontalPodAutoscaler never moves. Pure. */
import { advised, type Check, passed } from '../check.ts';
import type { ClusterSight } from './cluster-object.ts';
import type { Managed } from './managed-deployments.ts';

const part = 'metrics API';
const metricKey = 'autoscaling.knative.dev/metric';
const resourceMetrics = ['cpu', 'memory'];

const groupFor = ({ annotations }: Managed): string =>
  resourceMetrics.includes(annotations[metricKey] ?? 'cpu')
    ? 'metrics.k8s.io'
    : 'custom.metrics.k8s.io';

const mends: Readonly<Record<string, string>> = {
  'metrics.k8s.io': 'Install metrics-server (https://github.com/kubernetes-sigs/metrics-server).',
  'custom.metrics.k8s.io': 'Install an adapter that serves it, such as prometheus-adapter.',
};

/** Nothing where no Deployment is of class hpa. */
export const checkMetrics = (
  { apiGroups }: Pick<ClusterSight, 'apiGroups'>,
  managed: readonly Managed[],
): Check[] => {
  const users = Map.groupBy(
    managed.filter(({ isHpa }) => isHpa),
    groupFor,
  );
  return [...users].map(([group, deployments]) => {
    if (apiGroups.includes(group)) return passed(part, `${group} is there`);
    const names = deployments.map(({ key }) => key).slice(0, 3);
    const some = `${names.join(', ')}${deployments.length > names.length ? ' …' : ''}`;
    const found = `${group} is not there, and ${deployments.length} of class hpa go by it: ${some}`;
    return advised(part, found, mends[group] ?? '');
  });
};
