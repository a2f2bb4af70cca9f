/** What a router has to know, read from the API server at each question: for who keeps no cache. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import type { V1Deployment, V1LabelSelector, V1Pod } from '@kubernetes/client-node';
import { orNothing } from '../../../gone.ts';
import type { ClusterAccess } from '../../cluster-access.ts';
import { endpointPodOf } from '../endpoint-pod.ts';
import type { RoutingSources } from '../router.ts';
import { readSlicesOf } from '../slice-store.ts';

interface List<Kind> {
  readonly items?: readonly Kind[];
}

const expressionText: Readonly<Record<string, (key: string, values: readonly string[]) => string>> =
  {
    In: (key, values) => `${key} in (${values.join(',')})`,
    NotIn: (key, values) => `${key} notin (${values.join(',')})`,
    Exists: (key) => key,
    DoesNotExist: (key) => `!${key}`,
  };

/** A selector as a query has it. */
const selectorText = ({ matchLabels, matchExpressions }: V1LabelSelector): string =>
  [
    ...Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(matchExpressions ?? []).map(({ key, operator, values = [] }) =>
      expressionText[operator]?.(key, values),
    ),
  ].join(',');

/** `activatorService` is `namespace/name`. */
export const readSources = (access: ClusterAccess, activatorService: string): RoutingSources => ({
  pods: async (workload) => {
    const { namespace, name } = workloadName(workload);
    const deployment = await orNothing(
      access.request<V1Deployment>({
        path: `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
      }),
    );
    const selector = deployment?.spec?.selector;
    if (selector === undefined) return [];
    const query = new URLSearchParams({ labelSelector: selectorText(selector) });
    const path = `/api/v1/namespaces/${namespace}/pods?${query}`;
    const { items = [] } = await access.request<List<V1Pod>>({ path });
    const pods = items.map(endpointPodOf).filter((pod) => pod !== undefined);
    return pods.filter((pod) => pod.workload === workload);
  },
  activators: () => {
    const { namespace, name } = workloadName(activatorService as WorkloadKey);
    return readSlicesOf(access, namespace, name);
  },
});
