/** A number of things in words. */

/** `1 pod`, `2 pods`. */
export const counted = (count: number, thing: string): string =>
  `${count} ${thing}${count === 1 ? '' : 's'}`;
