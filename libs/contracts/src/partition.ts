/** Which partition a workload belongs to: a hash that every stage, in any language, can repeat. */
import type { WorkloadKey } from './workload.ts';

/** Partitions of a log made with the default settings; fixed when the stream is made. */
export const defaultPartitionCount = 8;

const fnvOffsetBasis = 0x811c9dc5;
const fnvPrime = 0x01000193;

/**
 * FNV-1a (32 bit) of the key's characters, modulo the partition count.
 * Kubernetes names are ASCII, so characters are bytes.
 */
export const partitionOf = (workload: WorkloadKey, partitionCount: number): number => {
  let hash = fnvOffsetBasis;
  for (let index = 0; index < workload.length; index += 1) {
    hash ^= workload.charCodeAt(index);
    hash = Math.imul(hash, fnvPrime);
  }
  return (hash >>> 0) % partitionCount;
};
