/** The objects of each Knative Service, kept as they come and go, so that finding them is cheap. */
import type { WorkloadKey } from '@flyball/contracts';
import { createGrouped, type ObjectCache } from '@flyball/platform/kubernetes';

export interface ByService<Kept> {
  of(service: WorkloadKey): readonly Kept[];
  stop(): void;
}

/** `nameOf` tells the objects of one Service apart; undefined of `serviceOf`: it has none. */
export const indexByService = <Kept>(
  cache: ObjectCache<Kept>,
  {
    serviceOf,
    nameOf,
  }: {
    readonly serviceOf: (object: Kept) => WorkloadKey | undefined;
    readonly nameOf: (object: Kept) => string;
  },
): ByService<Kept> => {
  const byService = createGrouped<WorkloadKey, Kept>();
  const put = (object: Kept): void => {
    const service = serviceOf(object);
    if (service !== undefined) byService.put(service, nameOf(object), object);
  };
  const remove = (object: Kept): void => {
    const service = serviceOf(object);
    if (service !== undefined) byService.remove(service, nameOf(object));
  };
  for (const object of cache.values()) put(object);
  const stop = cache.onChange((change) => {
    if (change.kind !== 'kept' && change.kind !== 'gone') return;
    if (change.before !== undefined) remove(change.before);
    if (change.kind === 'kept') put(change.object);
  });
  return { of: byService.of, stop };
};
