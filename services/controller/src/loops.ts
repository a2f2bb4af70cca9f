/** Everything that the controller does for a partition. */
import { endpointsLoop } from './endpoints/endpoints-loop.ts';
import { gatewayLoop } from './gateway/gateway-loop.ts';
import { hpaLoop } from './hpa/hpa-loop.ts';
import { knativeLoop } from './knative/knative-loop.ts';
import type { PartitionLoop } from './loop.ts';
import { reportLoop } from './report/report-loop.ts';

export const loops: readonly PartitionLoop[] = [
  endpointsLoop,
  knativeLoop,
  hpaLoop,
  gatewayLoop,
  reportLoop,
];
