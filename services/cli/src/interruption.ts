/** Tells an end that was asked for from a failure. */

/** Did this error come of the signal, which has aborted? */
export const isInterruption = (error: unknown, signal: AbortSignal): boolean => {
  if (!signal.aborted || !(error instanceof Error)) return false;
  return error.name === 'AbortError' || error.cause === signal.reason;
};
