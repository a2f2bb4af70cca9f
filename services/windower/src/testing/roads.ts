/** A windower's ways to the log and to Redis, on which a test lets its calls wait or fail. */
import type { Append, EventStream } from '@flyball/event-log';
import type { WindowStore } from '@flyball/window-store';

/** A way to Redis: each call passes first. */
export const storeOver = (inner: WindowStore, pass: () => Promise<void>): WindowStore => ({
  load: (one) => pass().then(() => inner.load(one)),
  cursor: (one) => pass().then(() => inner.cursor(one)),
  write: (one, expected, windows) => pass().then(() => inner.write(one, expected, windows)),
  clear: (one) => pass().then(() => inner.clear(one)),
  close: () => inner.close(),
});

/** A way to a stream: each append passes first. */
export const streamOver = (
  inner: EventStream,
  pass: (message: Append) => Promise<void>,
): EventStream => ({
  name: inner.name,
  append: (message) => pass(message).then(() => inner.append(message)),
  read: (options) => inner.read(options),
  readToEnd: (options) => inner.readToEnd(options),
  last: (subject) => inner.last(subject),
  at: (seq) => inner.at(seq),
  state: () => inner.state(),
  subjects: (filter) => inner.subjects(filter),
  purge: (subject, belowSeq) => inner.purge(subject, belowSeq),
});
