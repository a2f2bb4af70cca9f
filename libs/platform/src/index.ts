/** What runs the pods: the interface, a deterministic one in memory, and the local-node's client. */
export * from './annotations.ts';
export { createMemoryPlatform, type MemoryPlatform } from './memory.ts';
export type { Fault, PlatformCall } from './memory-faults.ts';
export type { Steps } from './memory-pods.ts';
export type { MemoryPlatformOptions } from './memory-world.ts';
export * from './platform.ts';
export * from './workload-object.ts';
