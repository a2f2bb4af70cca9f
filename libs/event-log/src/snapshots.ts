/** Snapshots: a stage's folded state of one partition, in a bucket, as gzipped JSON. */
import { promisify } from 'node:util';
import { gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib';
import { OutsideError } from '@flyball/contracts';
import { z } from 'zod';
import type { Bucket } from './event-log.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** A snapshot that unpacks to more than this is taken for broken. */
const maxUnpackedBytes = 256 * 1024 * 1024;
/** Smaller ones are packed at once: it takes less time than handing them to a thread. */
const packedAtOnceBytes = 32 * 1024;
/** And unpacked at once, when they say that they stay below this. */
const unpackedAtOnceBytes = 1024 * 1024;

const snapshotSchema = z.strictObject({
  /** `StreamState.createdAt` of the EVENTS that was folded. */
  streamCreatedAt: z.string().min(1),
  /** The last sequence folded; 0 for none. */
  seq: z.int().min(0),
  /** The id of the event there; empty when `seq` is 0. */
  eventId: z.string(),
  /** Version of the code that folded it: a newer one may have to fold anew. */
  algorithm: z.int().min(1),
  state: z.unknown(),
});

export type Snapshot = z.infer<typeof snapshotSchema>;

export interface SnapshotKey {
  readonly stage: string;
  readonly partition: number;
}

export type LoadedSnapshot =
  | { readonly kind: 'found'; readonly snapshot: Snapshot }
  | { readonly kind: 'none' }
  /** There is one, but it cannot be used: fold from the beginning, and say why. */
  | { readonly kind: 'ignored'; readonly reason: string };

const pack = async (text: string): Promise<Uint8Array> =>
  text.length <= packedAtOnceBytes ? gzipSync(text) : compress(text);

/** The last four bytes of gzip name the length of what was packed; they may lie. */
const unpackedBytes = (value: Uint8Array): number =>
  value.byteLength < 18
    ? Number.POSITIVE_INFINITY
    : new DataView(value.buffer, value.byteOffset).getUint32(value.byteLength - 4, true);

const unpackText = async (value: Uint8Array): Promise<string> => {
  const atOnce = unpackedBytes(value) <= unpackedAtOnceBytes;
  const text = atOnce
    ? gunzipSync(value, { maxOutputLength: unpackedAtOnceBytes })
    : await decompress(value, { maxOutputLength: maxUnpackedBytes });
  return text.toString('utf8');
};

const keyOf = ({ stage, partition }: SnapshotKey): string => `${stage}.${partition}`;

const unpack = async (value: Uint8Array): Promise<LoadedSnapshot> => {
  try {
    const parsed = snapshotSchema.safeParse(JSON.parse(await unpackText(value)));
    if (parsed.success) return { kind: 'found', snapshot: parsed.data };
    return { kind: 'ignored', reason: z.prettifyError(parsed.error) };
  } catch (error) {
    // Whatever the bytes are, a snapshot is only a short cut: the log itself is the truth.
    return { kind: 'ignored', reason: error instanceof Error ? error.message : String(error) };
  }
};

/** The newest snapshot of a stage's partition; a broken one is ignored with its reason. */
export const loadSnapshot = async (bucket: Bucket, key: SnapshotKey): Promise<LoadedSnapshot> => {
  const entry = await bucket.get(keyOf(key));
  return entry === undefined ? { kind: 'none' } : unpack(entry.value);
};

/**
 * Stores a snapshot over the previous one and returns its size in bytes; with `connection` as in
 * `Append`, so that a snapshot never tells of more than the log that it is stored beside.
 * Throws OutsideError SNAPSHOT_TOO_LARGE when it does not fit into one message.
 */
export const storeSnapshot = async (
  bucket: Bucket,
  key: SnapshotKey,
  snapshot: Snapshot,
  connection?: number,
): Promise<number> => {
  const value = await pack(JSON.stringify(snapshotSchema.parse(snapshot)));
  if (value.byteLength > bucket.maxValueBytes) {
    throw new OutsideError(
      'SNAPSHOT_TOO_LARGE',
      `The snapshot of ${key.stage}, partition ${key.partition}, has ${value.byteLength} bytes ` +
        `gzipped; the server takes ${bucket.maxValueBytes}. Raise its max_payload.`,
      { retriable: false },
    );
  }
  await bucket.put(keyOf(key), value, connection);
  return value.byteLength;
};
