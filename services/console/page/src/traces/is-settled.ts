/** Whether all that will be told of a trace was told. */
import type { TraceTold } from '../../../src/wire.ts';
import { phaseOf } from './phase-look.ts';

/** Spans and events arrive in batches, some seconds after they ended. */
const tellingMsMax = 30_000;
/** No request is held for longer. */
const heldMsMax = 600_000;

/** Of a cold start the request itself is told last. */
const isAwaited = ({ summary, spans }: TraceTold): boolean =>
  summary.kind === 'cold start' && spans.every((span) => phaseOf(span) !== 'received');

/**
 * True some time after its last span ended, and after `openedAtMs`, since when it is looked at: the
 * clocks of who told it and of the reader need not agree.
 */
export const isSettled = (
  told: TraceTold,
  { openedAtMs, nowMs }: { readonly openedAtMs: number; readonly nowMs: number },
): boolean => {
  const endMs = Math.max(openedAtMs, ...told.spans.map((span) => span.endMs));
  return nowMs - endMs > (isAwaited(told) ? heldMsMax : tellingMsMax);
};
