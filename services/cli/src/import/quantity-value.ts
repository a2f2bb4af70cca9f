/** Reads the quantities of Kubernetes: `500m`, `1.5`, `128Mi`, `1e3`. */

const powers: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, '': 1 },
  ...{ k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** The number that a quantity stands for; undefined for what is none. */
export const quantityValue = (text: string): number | undefined => {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i))?$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [, digits = '', exponent, suffix = ''] = match;
  const power = exponent === undefined ? powers[suffix] : 10 ** Number(exponent);
  const value = Number(digits) * (power ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
};
