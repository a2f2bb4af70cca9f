/** A process's ways to the platform and to the window store, over bad roads. */
import { OutsideError } from '@flyball/contracts';
import type { MemoryPlatform, Platform, PlatformChange, ScaleRequest } from '@flyball/platform';
import type { WindowStore } from '@flyball/window-store';
import type { Road } from './simulated-log.ts';

async function* watched(
  { process, weather }: Road,
  changes: AsyncIterable<PlatformChange>,
): AsyncGenerator<PlatformChange, void, undefined> {
  for await (const change of changes) {
    await weather.delivery(process);
    yield change;
  }
  await process.gate();
}

/** What was written, whoever hears of it. */
export type OnScaled = (request: ScaleRequest, from: number, resourceVersion: string) => void;

export const simulatedPlatform = (
  road: Road,
  inner: MemoryPlatform,
  onScaled: OnScaled,
): Platform => {
  const { process, weather, canary } = road;
  const newest = (request: ScaleRequest): ScaleRequest => {
    const object = inner.workloads().find(({ workload }) => workload === request.workload);
    return { ...request, resourceVersion: object?.resourceVersion ?? request.resourceVersion };
  };
  const scale = async (request: ScaleRequest) => {
    const before = inner.workloads().find(({ workload }) => workload === request.workload);
    const sent = canary === 'no-resource-version' ? newest(request) : request;
    try {
      return await inner.scale(sent);
    } finally {
      const after = inner.workloads().find(({ workload }) => workload === request.workload);
      const written = after !== undefined && after.resourceVersion !== before?.resourceVersion;
      if (written) onScaled(request, before?.replicas ?? 0, after.resourceVersion);
    }
  };
  return {
    watch: (signal) => watched(road, inner.watch(signal)),
    get: (workload) => weather.call(process, 'platform', 'get', () => inner.get(workload)),
    scale: (request) => weather.call(process, 'platform', 'scale', () => scale(request)),
    route: (workload, routing) =>
      weather.call(process, 'platform', 'route', () => inner.route(workload, routing)),
    close: async () => undefined,
  };
};

/** `isAway` is asked at each call. */
export const simulatedWindows = (
  { process, weather }: Road,
  inner: WindowStore,
  isAway: () => boolean,
): WindowStore => {
  const ask = <Value>(what: string, act: () => Promise<Value>): Promise<Value> =>
    weather.call(process, 'redis', what, async () => {
      if (!isAway()) return act();
      throw new OutsideError('REDIS_UNREACHABLE', 'Redis is away', { retriable: true });
    });
  return {
    load: (partition) => ask('load', () => inner.load(partition)),
    cursor: (partition) => ask('cursor', () => inner.cursor(partition)),
    write: (partition, cursorSeq, windows) =>
      ask('write', () => inner.write(partition, cursorSeq, windows)),
    clear: (partition) => ask('clear', () => inner.clear(partition)),
    close: async () => undefined,
  };
};
