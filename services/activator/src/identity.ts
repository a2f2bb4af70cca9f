/** Who this activator is in the log: one name per process, and a count for its events. */
import type { Cause } from '@flyball/contracts';

export interface Identity {
  /** `<instance>-<boot>`: the token in `requests.<instance>` and in the name of its source. */
  readonly instance: string;
  readonly source: string;
  /** The next observation of this process, as the cause of an event. */
  observe(atMs: number, traceparent?: string): Cause;
}

/** `instance` tells this run of the process from every other one. */
export const createIdentity = (instance: string): Identity => {
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
