/** A rule of the policy: a name, a number in, a number out, and a sentence that says why. */
import type { Moved } from '../assessment.ts';
import type { Facts } from './facts.ts';

export interface Rule {
  readonly name: string;
  apply(want: number, facts: Facts): number;
  /** Told only when the rule moved the number from `from` to `to`. */
  why(from: number, to: number, facts: Facts): string;
}

/** Applies the rules in order. A rule leaves its name when it moves the number. */
export const followRules = (
  rules: readonly Rule[],
  facts: Facts,
  start: number,
): { readonly want: number; readonly path: readonly Moved[] } => {
  const path: Moved[] = [];
  let want = start;
  for (const rule of rules) {
    const from = want;
    const to = rule.apply(from, facts);
    if (to === from) continue;
    path.push({ rule: rule.name, from, to, why: () => rule.why(from, to, facts) });
    want = to;
  }
  return { want, path };
};
