/** Who this activator is in the log: one name per process, and a count for its events. */
import type { Cause } from '@flyball/contracts';

export interface Identity {
  /** `<instance>-<boot>`: the token in `requests.<instance>` and in the name of its source. */
  readonly instance: string;
  readonly source: string;
  /** The next observation of this process, as the cause of an event. */
  observe(atMs: number, traceparent?: string): Cause;
}

const bootRadix = 36;

/** `bootAtMs` tells this process from an earlier one of the same name. */
export const createIdentity = (name: string, bootAtMs: number): Identity => {
  const instance = `${name}-${bootAtMs.toString(bootRadix)}`;
  let observations = 0;
  return {
    instance,
    source: `/flyball/activator/${instance}`,
    observe: (atMs, traceparent) => {
      observations += 1;
      const id = `${instance}:${observations}`;
      return traceparent === undefined ? { id, atMs } : { id, atMs, traceparent };
    },
  };
};
