/** Whole numbers as Kubernetes writes them: `1536Mi`, `2Gi`, `50`, `1k`. */

const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimalSuffixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

const shortened = (value: bigint, step: bigint, suffixes: readonly string[]): string => {
  let [rest, power] = [value, 0];
  while (rest !== 0n && rest % step === 0n && power < suffixes.length - 1) {
    rest /= step;
    power += 1;
  }
  return `${rest}${suffixes[power] ?? ''}`;
};

/** With the largest of Ki, Mi, Gi, … that leaves no fraction. */
export const binaryQuantity = (value: bigint): string => shortened(value, 1024n, binarySuffixes);

/** With the largest of k, M, G, … that leaves no fraction. */
export const decimalQuantity = (value: bigint): string => shortened(value, 1000n, decimalSuffixes);
