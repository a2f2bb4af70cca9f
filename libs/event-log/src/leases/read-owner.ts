/** Who owns a partition of a stage, for those who only want to know. */
import type { Bucket } from '../event-log.ts';
import { memberKey, partitionKey, readLeaseValue } from './lease-keys.ts';
import type { Member } from './member-sight.ts';

/**
 * The owner by the lease as it is stored, with what it announced; one that died is told until
 * another takes over. Undefined when there is none. Throws OutsideError.
 */
export const readOwner = async (
  bucket: Bucket,
  stage: string,
  partition: number,
): Promise<Member | undefined> => {
  const lease = await bucket.get(partitionKey(stage, partition));
  const owner = lease === undefined ? undefined : readLeaseValue(lease.value);
  if (owner === undefined) return undefined;
  const { instance } = owner;
  const announced = await bucket.get(memberKey(stage, instance));
  if (announced === undefined) return undefined;
  return { instance, abilities: readLeaseValue(announced.value)?.abilities ?? {} };
};
