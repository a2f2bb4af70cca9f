/** Objects of a cache in groups, kept as they come and go, so that finding them is cheap. */
import { createGrouped, type Grouped } from './grouped.ts';
import type { ObjectCache } from './object-cache.ts';

export interface CacheGroups<Group extends string, Kept>
  extends Pick<Grouped<Group, Kept>, 'of' | 'groups'> {
  /** From then on the groups stay as they are. */
  stop(): void;
}

/**
 * Groups what a cache holds now, and what it tells from now on; undefined of `groupOf`: in no
 * group. `stirred` hears of each group in which something changed, when it has: of what moves,
 * first of the group that it left. The very same object, told again, stirs nothing.
 */
export const groupCache = <Kept, Group extends string>(
  cache: Pick<ObjectCache<Kept>, 'entries' | 'onChange'>,
  groupOf: (kept: Kept) => Group | undefined,
  stirred: (group: Group) => void = () => undefined,
): CacheGroups<Group, Kept> => {
  const grouped = createGrouped<Group, Kept>();
  for (const [key, kept] of cache.entries()) {
    const group = groupOf(kept);
    if (group !== undefined) grouped.put(group, key, kept);
  }
  const stop = cache.onChange((change) => {
    if (change.kind !== 'kept' && change.kind !== 'gone') return;
    const { key, before } = change;
    const after = change.kind === 'kept' ? change.object : undefined;
    if (after === before) return;
    const left = before === undefined ? undefined : groupOf(before);
    const joined = after === undefined ? undefined : groupOf(after);
    if (left !== undefined && left !== joined) {
      grouped.remove(left, key);
      stirred(left);
    }
    if (joined !== undefined && after !== undefined) {
      grouped.put(joined, key, after);
      stirred(joined);
    }
  });
  return { of: grouped.of, groups: grouped.groups, stop };
};
