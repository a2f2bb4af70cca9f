/** Conditions of a status: what is so, since when, and why. */
import type { Condition } from '../objects/cluster-object.ts';

export interface Said {
  readonly status: Condition['status'];
  /** One word for programs; absent where all is well. */
  readonly reason?: string;
  /** A sentence for people. */
  readonly message?: string;
}

/** Whole seconds of UTC, as Kubernetes writes times. */
const timeOf = (nowMs: number): string => `${new Date(nowMs).toISOString().slice(0, 19)}Z`;

/** In the order of their names; the time of one changes with its status only. */
export const conditionsAfter = (
  before: readonly Condition[],
  said: Readonly<Record<string, Said>>,
  nowMs: number,
): readonly Condition[] =>
  Object.entries(said)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([type, is]) => {
      const last = before.find((condition) => condition.type === type);
      const isSame = last?.status === is.status && last.lastTransitionTime !== undefined;
      const lastTransitionTime = isSame ? last.lastTransitionTime : timeOf(nowMs);
      return { type, ...is, lastTransitionTime };
    });

/** The whole of several: false when one is, unknown when one is, and by whose word. */
export const togetherOf = (parts: readonly Said[]): Said =>
  parts.find(({ status }) => status === 'False') ??
  parts.find(({ status }) => status === 'Unknown') ?? { status: 'True' };
