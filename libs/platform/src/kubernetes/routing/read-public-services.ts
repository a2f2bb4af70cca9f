/** The Services that name a workload, as the API server has them now. */
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import type { V1Service } from '@kubernetes/client-node';
import type { ClusterAccess } from '../cluster-access.ts';
import { workloadOfService } from './public-service.ts';

/** One call, for all Services of the namespace: none can be asked for by what it names. */
export const readPublicServices = async (
  access: ClusterAccess,
  workload: WorkloadKey,
): Promise<readonly V1Service[]> => {
  const path = `/api/v1/namespaces/${workloadName(workload).namespace}/services`;
  const { items = [] } = await access.request<{ readonly items?: readonly V1Service[] }>({ path });
  return items.filter((service) => workloadOfService(service) === workload);
};
