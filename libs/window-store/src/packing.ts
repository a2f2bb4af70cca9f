/** A source-second as bytes: doubles as they are, so that every digit comes back. */
import type { WorkloadKey } from '@flyball/contracts';
import type { SourceSecond } from '@flyball/domain';

const headerBytes = 8;
const indexBytes = 4;
const doubleBytes = 8;

/** Flags and count, then the names' indices, then concurrency, then requests; little-endian. */
export const packSecond = (second: SourceSecond, indices: readonly number[]): Buffer => {
  const count = indices.length;
  const bytes = Buffer.alloc(headerBytes + count * (indexBytes + 2 * doubleBytes));
  bytes.writeUInt32LE(second.whole ? 1 : 0, 0);
  bytes.writeUInt32LE(count, 4);
  let at = headerBytes;
  for (const index of indices) at = bytes.writeUInt32LE(index, at);
  for (let row = 0; row < count; row += 1) {
    at = bytes.writeDoubleLE(second.concurrencyMilli[row] ?? Number.NaN, at);
  }
  for (let row = 0; row < count; row += 1) {
    at = bytes.writeDoubleLE(second.requestsMilli[row] ?? Number.NaN, at);
  }
  return bytes;
};

export interface SecondPlace {
  readonly source: string;
  readonly secondAtMs: number;
}

/** The way back; undefined when the bytes or the names are not whole. */
export const unpackSecond = (
  place: SecondPlace,
  bytes: Buffer,
  nameOf: (index: number) => WorkloadKey | undefined,
): SourceSecond | undefined => {
  if (bytes.length < headerBytes) return undefined;
  const count = bytes.readUInt32LE(4);
  if (bytes.length !== headerBytes + count * (indexBytes + 2 * doubleBytes)) return undefined;
  const doublesAt = headerBytes + count * indexBytes;
  const workloads: WorkloadKey[] = [];
  const concurrencyMilli = new Float64Array(count);
  const requestsMilli = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    const name = nameOf(bytes.readUInt32LE(headerBytes + row * indexBytes));
    if (name === undefined) return undefined;
    workloads.push(name);
    concurrencyMilli[row] = bytes.readDoubleLE(doublesAt + row * doubleBytes);
    requestsMilli[row] = bytes.readDoubleLE(doublesAt + (count + row) * doubleBytes);
  }
  const whole = bytes.readUInt32LE(0) === 1;
  return { ...place, whole, workloads, concurrencyMilli, requestsMilli };
};

/** The hash field of a source-second. */
export const fieldOf = ({ source, secondAtMs }: SecondPlace): string => `${secondAtMs}:${source}`;

export const placeOf = (field: string): SecondPlace => {
  const colon = field.indexOf(':');
  return { secondAtMs: Number(field.slice(0, colon)), source: field.slice(colon + 1) };
};
