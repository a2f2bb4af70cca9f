/** Values by key, in groups: what belongs to one workload or to one Service. */

export interface Grouped<Group extends string, Value> {
  put(group: Group, key: string, value: Value): void;
  remove(group: Group, key: string): void;
  /** None for a group that is not there. */
  of(group: Group): readonly Value[];
  groups(): Iterable<Group>;
}

export const createGrouped = <Group extends string, Value>(): Grouped<Group, Value> => {
  const groups = new Map<Group, Map<string, Value>>();
  return {
    put: (group, key, value) => {
      const values = groups.get(group) ?? new Map<string, Value>();
      groups.set(group, values.set(key, value));
    },
    remove: (group, key) => {
      const values = groups.get(group);
      values?.delete(key);
      if (values?.size === 0) groups.delete(group);
    },
    of: (group) => [...(groups.get(group)?.values() ?? [])],
    groups: () => groups.keys(),
  };
};
