/** Which messages of TickObserved evaluate a workload. */

interface TickMessage {
  readonly id: string;
  readonly kind: 'tick' | 'poke';
  readonly part: number;
  readonly parts: number;
}

/** The id without its part: `w1767225602250`. */
const tickOf = (id: string): string => id.slice(0, id.indexOf('-'));

/**
 * In the order given: each message with a row of the workload, and of a tick without one the last
 * part, at which the decider looks at whatever waits for time to pass. `rowOf` finds the row.
 */
export const evaluatingTicks = <Tick extends TickMessage>(
  ticks: readonly Tick[],
  rowOf: (tick: Tick) => number | undefined,
): readonly { readonly tick: Tick; readonly row: number | undefined }[] => {
  const found: { tick: Tick; row: number | undefined }[] = [];
  let tickWithRow = '';
  for (const tick of ticks) {
    const row = rowOf(tick);
    if (row !== undefined) {
      found.push({ tick, row });
      if (tick.kind === 'tick') tickWithRow = tickOf(tick.id);
    } else if (
      tick.kind === 'tick' &&
      tick.part === tick.parts &&
      tickOf(tick.id) !== tickWithRow
    ) {
      found.push({ tick, row });
    }
  }
  return found;
};
