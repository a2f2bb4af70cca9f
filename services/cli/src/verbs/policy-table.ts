/** The table of a policy: each setting, its effective value, and the layer that set it. */
import type { Policy, PolicyLayer } from '@flyball/contracts';
import { columnLines } from '../output/columns.ts';
import { policyKeys, policyValue, settingName } from '../output/policy-value.ts';
import type { Terminal } from '../output/terminal.ts';

export type PolicyValues = Readonly<
  Record<string, { readonly value: Policy[keyof Policy]; readonly layer: PolicyLayer }>
>;

/** For programs: each value with its layer. */
export const valuesOf = (
  policy: Policy,
  layers: Readonly<Record<string, PolicyLayer>>,
): PolicyValues =>
  Object.fromEntries(
    Object.entries(policy).map(([key, value]) => [key, { value, layer: layers[key] ?? 'default' }]),
  );

/** For people: what was set stands out from the defaults. */
export const policyTable = (
  terminal: Terminal,
  policy: Policy,
  layers: Readonly<Record<string, PolicyLayer>>,
): string[] => {
  const rows = policyKeys(policy).map((key) => {
    const layer = layers[key] ?? 'default';
    const said = [settingName(key), policyValue(policy, key), layer];
    return layer === 'default' ? said.map((cell) => terminal.styled('dim', cell)) : said;
  });
  const head = ['SETTING', 'VALUE', 'SET BY'].map((title) => terminal.styled('bold', title));
  return columnLines([head, ...rows]);
};
