/** Sends what a tick has to record a few at a time: neither ticks nor pokes wait for all of it. */

/**
 * Minutes of one partition that are spelled at once, in a third of a millisecond each. All eight do
 * it at the same time, and pokes wait for that. A tick of 10,000 workloads has 500 of them.
 */
export const minutesAtOnce = 4;

/**
 * Sends all of them, the next few when the last few are stored, unless `isVain` says that the state
 * which they are of is discarded: each might wait for its whole limit then. `send` must not reject.
 */
export const sendInTurns = async <Event>(
  events: readonly Event[],
  send: (event: Event) => Promise<void>,
  isVain: () => boolean,
): Promise<void> => {
  for (let sent = 0; sent < events.length && !isVain(); sent += minutesAtOnce) {
    await Promise.all(events.slice(sent, sent + minutesAtOnce).map(send));
  }
};
