/** A windower's way to Redis, on which a test lets its calls wait or fail. */
import type { WindowStore } from '@flyball/window-store';

/** A way to Redis: each call passes first. */
export const storeOver = (inner: WindowStore, pass: () => Promise<void>): WindowStore => ({
  load: (one) => pass().then(() => inner.load(one)),
  cursor: (one) => pass().then(() => inner.cursor(one)),
  write: (one, expected, windows) => pass().then(() => inner.write(one, expected, windows)),
  clear: (one) => pass().then(() => inner.clear(one)),
  close: () => inner.close(),
});
