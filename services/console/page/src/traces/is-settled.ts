/** Whether all that is to be expected of a trace was told, and when it is asked for again. */
import type { TraceTold } from '../../../src/wire.ts';
import { phaseOf } from './phase-look.ts';

/** Spans and events arrive in batches, some seconds after they ended. */
const tellingMsMax = 30_000;
/** Few requests are held for longer; an activator may be set to hold them for an hour. */
const heldMsMax = 600_000;
/** Of a settled trace more may come all the same: of an old one the whole log is read each time. */
const settledEveryMs = 30_000;

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

export interface AskedTrace {
  /** UTC ms, since when it is looked at. */
  readonly openedAtMs: number;
  /** UTC ms, when it was asked for last. */
  readonly askedAtMs: number;
  readonly nowMs: number;
}

/** Whether a trace, or what is null still, is to be asked for again now. */
export const isDue = (
  told: TraceTold | null,
  { openedAtMs, askedAtMs, nowMs }: AskedTrace,
): boolean =>
  told === null || !isSettled(told, { openedAtMs, nowMs }) || nowMs - askedAtMs >= settledEveryMs;
