/** The window store: its interface, and its two adapters. */
export { createMemoryWindows, type MemoryWindows } from './memory.ts';
export { connectRedisWindows, type RedisWindowsOptions } from './redis.ts';
export type { StoredWindows, WindowCursor, WindowStore, WindowWrite } from './window-store.ts';
