/** Which of two versions of one workload is the older. */

const digits = /^\d+$/;

/** Versions of one API server compare as numbers; what is no number is never older. */
export const isOlderVersion = (version: string, than: string): boolean =>
  digits.test(version) && digits.test(than) && BigInt(version) < BigInt(than);
