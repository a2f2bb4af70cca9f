/** A way to a bucket on which a test lets writes wait, as those of a busy process do. */
import type { Bucket } from '@flyball/event-log';

/** A way to a bucket: each write but a deletion passes first. */
export const bucketOver = (inner: Bucket, pass: () => Promise<void>): Bucket => ({
  name: inner.name,
  maxValueBytes: inner.maxValueBytes,
  get: (key) => inner.get(key),
  set: (key, value, revision) => pass().then(() => inner.set(key, value, revision)),
  put: (key, value, connection) => pass().then(() => inner.put(key, value, connection)),
  delete: (key, revision) => inner.delete(key, revision),
  keys: (filter) => inner.keys(filter),
  watch: (filter, signal) => inner.watch(filter, signal),
});
