/** The event log: append with a fence, read in order, leases, snapshots; on NATS or in memory. */
export { type MonotonicClock, monotonicClock } from './clock.ts';
export * from './event-log.ts';
export type { ConnectOptions } from './jetstream/connect.ts';
export { createStreams } from './jetstream/create-streams.ts';
export { defaultEventLogLimits, type EventLogLimits } from './jetstream/limits.ts';
export { defaultStreamOptions, type StreamOptions } from './jetstream/wanted-streams.ts';
export { connectEventLog } from './jetstream.ts';
export { announcedAtMs } from './leases/announced-at.ts';
export { followMembers, type MembersOptions } from './leases/follow-members.ts';
export type { Lease, LossReason } from './leases/held-leases.ts';
export type { Abilities } from './leases/lease-keys.ts';
export type { Member } from './leases/member-sight.ts';
export { readOwner } from './leases/read-owner.ts';
export { holdLeases, type LeaseHolder, type LeaseOptions } from './leases.ts';
export type { AppendFault, AppendFaults } from './memory/memory-stream.ts';
export * from './memory.ts';
export { maxPartitionCount, readPartitionCount } from './partition-count.ts';
export * from './position.ts';
export {
  type LoadedSnapshot,
  loadSnapshot,
  type Snapshot,
  type SnapshotKey,
  storeSnapshot,
} from './snapshots.ts';
