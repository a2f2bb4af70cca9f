/** Reads the ids of ticks and pokes back. */

export interface TickInputId {
  readonly kind: 'tick' | 'poke';
  /** A tick's scheduled time (UTC ms), or the position in SAMPLES of a poke's batch. */
  readonly number: number;
  readonly part: number;
}

const pattern = /^([wk])(\d+)-(\d+):ticks:\d+$/;

/** The input that a TickObserved's id names; undefined when it is not one of ours. */
export const inputIdOf = (eventId: string): TickInputId | undefined => {
  const found = pattern.exec(eventId);
  if (found === null) return undefined;
  const kind = found[1] === 'w' ? 'tick' : 'poke';
  return { kind, number: Number(found[2]), part: Number(found[3]) };
};
