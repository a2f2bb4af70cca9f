/** What runs the pods: the interface, one in memory, and the client of the local-node. */
export * from './annotations.ts';
export { isGone, orNothing } from './gone.ts';
export { createLocalPlatform, createLocalPlatformAdmin, type LocalPlatformAdmin } from './local.ts';
export type { LocalPlatformOptions } from './local-calls.ts';
export { createMemoryPlatform, type MemoryPlatform } from './memory.ts';
export type { Fault, PlatformCall } from './memory-faults.ts';
export type { Steps } from './memory-pods.ts';
export type { MemoryPlatformOptions } from './memory-world.ts';
export { type OnClusterCall, openPlatform, type PlatformSettings } from './open-platform.ts';
export * from './platform.ts';
export * from './pod-protocol.ts';
export * from './wire.ts';
export * from './workload-object.ts';
