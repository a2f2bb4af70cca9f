/** Who wrote the replicas of a Deployment last, and when, by the API server's own account. */
import type { V1ManagedFieldsEntry } from '@kubernetes/client-node';
import { actuatorFieldManager } from '../platform.ts';

export interface ReplicasWrite {
  /** `unknown` where no manager owns the field, as after it was left to its default. */
  readonly manager: string;
  /** As the API server wrote it, in whole seconds; undefined where it is not known yet. */
  readonly writtenAt: string | undefined;
}

const owns = ({ fieldsV1 }: V1ManagedFieldsEntry): boolean => {
  const spec = (fieldsV1 as Record<string, unknown> | undefined)?.['f:spec'];
  return typeof spec === 'object' && spec !== null && 'f:replicas' in spec;
};

/**
 * The owner of `spec.replicas`. Whoever changes the number takes the field from all others, so
 * several owners agree on it: ours goes first, as that is then no drift, else the latest.
 */
export const replicasWriteIn = (
  managedFields: readonly V1ManagedFieldsEntry[] | undefined,
): ReplicasWrite => {
  const writes = (managedFields ?? []).filter(owns).map(({ manager, time }) => ({
    manager: manager ?? 'unknown',
    writtenAt: String(time ?? ''),
  }));
  writes.sort((one, other) => (one.writtenAt < other.writtenAt ? 1 : -1));
  const ours = writes.find(({ manager }) => manager === actuatorFieldManager);
  return ours ?? writes[0] ?? { manager: 'unknown', writtenAt: '' };
};
