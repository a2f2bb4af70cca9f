/** Keys and values of leases and of the instances that share them. */
import { z } from 'zod';

/** Versions of each kind of thing that an instance can do: `{ algorithms: [1, 2] }`. */
export type Abilities = Readonly<Record<string, readonly number[]>>;

const valueSchema = z.object({
  instance: z.string(),
  sinceMs: z.number(),
  abilities: z.record(z.string(), z.array(z.number())).optional(),
});

/**
 * Who holds a lease and since when (wall clock, for people); of a member also what it can do, if it
 * said so.
 */
export interface LeaseValue {
  readonly instance: string;
  readonly sinceMs: number;
  readonly abilities?: Abilities | undefined;
}

export type LeaseKey =
  | { readonly kind: 'partition'; readonly partition: number }
  | { readonly kind: 'member'; readonly instance: string };

/** Tokens of a key hold letters, digits, `-` and `_`. */
const keyToken = (name: string): string => name.replace(/[^-\w]/g, '_');

export const partitionKey = (stage: string, partition: number): string => `${stage}.${partition}`;
export const memberKey = (stage: string, instance: string): string =>
  `${stage}.member.${keyToken(instance)}`;
/** All keys of one stage. */
export const stageFilter = (stage: string): string => `${stage}.>`;
/** The keys of a stage's members. */
export const memberFilter = (stage: string): string => `${stage}.member.>`;

/** Reads a key back; undefined for one that is not of this layout. */
export const parseLeaseKey = (stage: string, key: string): LeaseKey | undefined => {
  const rest = key.slice(stage.length + 1);
  const member = /^member\.([-\w]+)$/.exec(rest)?.[1];
  if (member !== undefined) return { kind: 'member', instance: member };
  return /^\d+$/.test(rest) ? { kind: 'partition', partition: Number(rest) } : undefined;
};

export const encodeLeaseValue = (value: LeaseValue): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value));

/** Undefined for a value that is not ours to read. */
export const readLeaseValue = (value: Uint8Array): LeaseValue | undefined => {
  try {
    return valueSchema.safeParse(JSON.parse(new TextDecoder().decode(value))).data;
  } catch {
    // Somebody else's bytes count as an owner without a name: they age like any other.
    return undefined;
  }
};

/** The instance that wrote a value; undefined for a value that is not ours to read. */
export const instanceIn = (value: Uint8Array): string | undefined =>
  readLeaseValue(value)?.instance;

/** The same token for comparing a member's key with an instance's name. */
export const memberToken = keyToken;
