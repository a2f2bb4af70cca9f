/** How numbers and spans of time are said in a decision's sentence. */
import type { Policy } from '@flyball/contracts';

/** At most two decimals, without trailing zeros. */
export const said = (value: number): string => String(Number(value.toFixed(2)));

export const saidPods = (count: number): string => (count === 1 ? '1 pod' : `${count} pods`);

/** `90 s`, `2 min`, `1.5 h`. */
export const saidSpan = (spanMs: number): string => {
  if (spanMs < 120_000) return `${said(spanMs / 1000)} s`;
  return spanMs < 7_200_000 ? `${said(spanMs / 60_000)} min` : `${said(spanMs / 3_600_000)} h`;
};

/** Decimals that are tried until what is said comes to what was found. */
const precisions = [2, 3, 6];

const shortened = (value: number, decimals: number): number => Number(value.toFixed(decimals));

/** `49.8 in flight ÷ 10 a pod = 5`; with more decimals where two would make it look wrong. */
export const saidDivision = (load: number, policy: Policy): string => {
  const { targetValue } = policy;
  const measure = policy.metric === 'rps' ? 'requests a second' : 'in flight';
  const pods = Math.ceil(load / targetValue);
  const parts = precisions
    .map((decimals) => [shortened(load, decimals), shortened(targetValue, decimals)] as const)
    .find(([dividend, divisor]) => Math.ceil(dividend / divisor) === pods);
  const [loadSaid, targetSaid] = parts ?? [load, targetValue];
  return `${loadSaid} ${measure} ÷ ${targetSaid} a pod = ${pods}`;
};
