/** Waiting until caches show something, for a limited time. */
import type { ObjectCache } from './object-cache.ts';

/** Resolves when `holds`, asked now and after each change of a cache, or after `maxMs`. */
export const whenShown = (
  caches: readonly Pick<ObjectCache<unknown>, 'onChange'>[],
  holds: () => boolean,
  maxMs: number,
): Promise<void> =>
  new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const end = (): void => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      resolve();
    };
    const timer = setTimeout(end, maxMs);
    const look = (): void => {
      if (holds()) end();
    };
    for (const cache of caches) stops.push(cache.onChange(look));
    look();
  });
