/** Keys and values of leases and of the instances that share them. */
import { z } from 'zod';

const valueSchema = z.object({ instance: z.string(), sinceMs: z.number() });

/** Who holds a lease and since when (wall clock, for people). */
export type LeaseValue = z.infer<typeof valueSchema>;

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

/** Reads a key back; undefined for one that is not of this layout. */
export const parseLeaseKey = (stage: string, key: string): LeaseKey | undefined => {
  const rest = key.slice(stage.length + 1);
  const member = /^member\.([-\w]+)$/.exec(rest)?.[1];
  if (member !== undefined) return { kind: 'member', instance: member };
  return /^\d+$/.test(rest) ? { kind: 'partition', partition: Number(rest) } : undefined;
};

export const encodeLeaseValue = (value: LeaseValue): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value));

/** The instance that wrote a value; undefined for a value that is not ours to read. */
export const instanceIn = (value: Uint8Array): string | undefined => {
  try {
    return valueSchema.safeParse(JSON.parse(new TextDecoder().decode(value))).data?.instance;
  } catch {
    // Somebody else's bytes count as an owner without a name: they age like any other.
    return undefined;
  }
};

/** The same token for comparing a member's key with an instance's name. */
export const memberToken = keyToken;
