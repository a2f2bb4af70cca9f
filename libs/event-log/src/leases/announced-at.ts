/** The server's own time, as a member of a stage finds it on its announcement. */
import type { Bucket } from '../event-log.ts';
import { memberKey } from './lease-keys.ts';

/**
 * When the server stored the newest announcement of this member, by the server's clock (UTC ms):
 * for one that lives a second or two ago. Undefined when there is none. Throws OutsideError.
 */
export const announcedAtMs = async (
  bucket: Bucket,
  stage: string,
  instance: string,
): Promise<number | undefined> => (await bucket.get(memberKey(stage, instance)))?.storedAtMs;
