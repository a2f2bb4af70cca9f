/** Which versions of the algorithm a decider announced that it can do. */

/** The kind of ability by which a decider announces them beside its lease. */
export const algorithmAbility = 'algorithms';

/** A decider that announces none is from before there was a second version. */
const unannounced: readonly number[] = [1];

export const announcedAlgorithms = (
  abilities: Readonly<Record<string, readonly number[]>>,
): readonly number[] => abilities[algorithmAbility] ?? unannounced;
