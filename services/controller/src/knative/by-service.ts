/** The objects of each Knative Service, kept as they come and go, so that finding them is cheap. */
import type { WorkloadKey } from '@flyball/contracts';
import type { ObjectCache } from '@flyball/platform/kubernetes';

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
  const byService = new Map<WorkloadKey, Map<string, Kept>>();
  const put = (object: Kept): void => {
    const service = serviceOf(object);
    if (service === undefined) return;
    const ofService = byService.get(service) ?? new Map<string, Kept>();
    byService.set(service, ofService.set(nameOf(object), object));
  };
  const remove = (object: Kept): void => {
    const service = serviceOf(object);
    if (service === undefined) return;
    const ofService = byService.get(service);
    ofService?.delete(nameOf(object));
    if (ofService?.size === 0) byService.delete(service);
  };
  for (const object of cache.values()) put(object);
  const stop = cache.onChange((change) => {
    if (change.kind !== 'kept' && change.kind !== 'gone') return;
    if (change.before !== undefined) remove(change.before);
    if (change.kind === 'kept') put(change.object);
  });
  return { of: (service) => [...(byService.get(service)?.values() ?? [])], stop };
};
