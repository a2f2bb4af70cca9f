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

/** As precise as averages are measured: thousandths. */
const saidExactly = (value: number): string => String(Number(value.toFixed(3)));

/** `49.8 in flight ÷ 10 a pod = 5`; with more decimals where two would make it look wrong. */
export const saidDivision = (load: number, policy: Policy): string => {
  const measure = policy.metric === 'rps' ? 'requests a second' : 'in flight';
  const pods = Math.ceil(load / policy.targetValue);
  const asSaid = Math.ceil(Number(said(load)) / policy.targetValue);
  const loadSaid = asSaid === pods ? said(load) : saidExactly(load);
  return `${loadSaid} ${measure} ÷ ${said(policy.targetValue)} a pod = ${pods}`;
};
