/** Tells the activators' address in the status of Services of the class flyball.dev/gateway. */
import { partitionOf } from '@flyball/contracts';
import type { ObjectKey } from '@flyball/platform/kubernetes';
import type { Tenure } from '@flyball/service';
import type { ControllerParts, PartitionLoop } from '../loop.ts';
import { keyOf } from '../objects/cluster-object.ts';
import { createWorkQueue } from '../work/work-queue.ts';
import { type GatewayService, gatewayStatus, isGateway } from './gateway-address.ts';

const run = async (
  partition: number,
  { signal, ownership }: Tenure,
  { caches, life, writer }: ControllerParts,
): Promise<void> => {
  const { services, activatorServices } = caches;
  const serviceOf = (key: string): GatewayService | undefined => services.at(key as ObjectKey);
  const work = async (key: string): Promise<void> => {
    const gateway = serviceOf(key);
    if (gateway === undefined || !isGateway(gateway) || !services.isSynced()) return;
    const [activators] = activatorServices.values();
    const status = gatewayStatus(gateway, activators);
    if (status !== undefined && ownership.isHeld()) await writer.replaceStatus(gateway, status);
  };
  const queue = createWorkQueue({
    clock: life.clock,
    signal,
    work,
    onTrouble: (service, error, pauseMs) =>
      life.logger.warn({ err: error, service, pauseMs }, 'the gateway could not be told'),
  });
  const add = (service: GatewayService): void => {
    const key = keyOf(service);
    const isOurs = partitionOf(key, ownership.partitionCount) === partition;
    if (isOurs && isGateway(service)) queue.add(key);
  };
  const addAll = (): void => {
    for (const service of services.values()) add(service);
  };
  const stops = [
    services.onChange((change) => {
      if (change.kind === 'synced') addAll();
      if (change.kind === 'kept') add(change.object);
    }),
    activatorServices.onChange(({ kind }) => {
      if (kind === 'kept') addAll();
    }),
  ];
  addAll();
  try {
    await queue.ended;
  } finally {
    for (const stop of stops) stop();
  }
};

export const gatewayLoop: PartitionLoop = { name: 'gateway', run };
