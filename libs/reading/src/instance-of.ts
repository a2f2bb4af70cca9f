/** Which instance of its stage told an event. */
import type { AnyEvent } from '@flyball/contracts';

/** The end of its source: `gw0` of `/flyball/activator/gw0`. */
export const instanceOf = ({ source }: Pick<AnyEvent, 'source'>): string =>
  source.slice(source.lastIndexOf('/') + 1);
