/** Tells who lives of a stage, and what each can do, to a process that owns nothing of it. */
import { OutsideError } from '@flyball/contracts';
import { type MonotonicClock, monotonicClock } from '../clock.ts';
import type { Bucket, EventLog } from '../event-log.ts';
import { memberFilter, memberKey, parseLeaseKey } from './lease-keys.ts';
import { retryMs } from './lease-limits.ts';
import { type Member, MemberSight } from './member-sight.ts';

export interface MembersOptions {
  readonly bucket: Bucket;
  readonly stage: string;
  readonly signal: AbortSignal;
  /**
   * Who lives: once as soon as all that is announced was read, then at each change. One that died
   * before the first time counts until it has been silent for as long as a lease is.
   */
  readonly onChanged: (members: readonly Member[]) => void;
  /** Calls that failed and are tried again. */
  readonly onTrouble?: (error: unknown) => void;
  /** `log.onStatus`: in an outage nobody vanishes. */
  readonly onStatus?: EventLog['onStatus'];
  readonly clock?: MonotonicClock;
}

const pause = (clock: MonotonicClock, signal: AbortSignal): Promise<void> =>
  signal.aborted ? Promise.resolve() : new Promise((resolve) => clock.after(retryMs, resolve));

/** Until it is done or the signal aborts; rejects with an OutsideError that no retry helps. */
const untilDone = async (
  { signal, clock = monotonicClock, onTrouble }: MembersOptions,
  work: () => Promise<void>,
): Promise<void> => {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof OutsideError) || !error.retriable) throw error;
      onTrouble?.(error);
      await pause(clock, signal);
    }
  }
};

/**
 * Follows the members of a stage until the signal aborts; reads only. Rejects with an OutsideError
 * that no retry helps.
 */
export const followMembers = async (options: MembersOptions): Promise<void> => {
  const { bucket, stage, signal, onChanged, onStatus, clock = monotonicClock } = options;
  let known = false;
  const sight: MemberSight = new MemberSight({
    clock,
    ask: (member) => bucket.get(memberKey(stage, member)),
    onTrouble: (error) => options.onTrouble?.(error),
    onChanged: () => {
      if (known && !signal.aborted) onChanged(sight.members);
    },
  });
  const know = (): void => {
    if (known || signal.aborted) return;
    known = true;
    onChanged(sight.members);
  };
  const stopListening = onStatus?.((status) => {
    if (status === 'connected') sight.resume();
    else sight.pause();
  });
  try {
    // The watch is silent where nothing was ever announced.
    await untilDone(options, async () => {
      if ((await bucket.keys(memberFilter(stage))).length === 0) know();
    });
    await untilDone(options, async () => {
      for await (const entry of bucket.watch(memberFilter(stage), signal)) {
        const parsed = parseLeaseKey(stage, entry.key);
        if (parsed?.kind === 'member') sight.notice(parsed.instance, entry);
        if (entry.current) know();
      }
      if (signal.aborted) return;
      const message = `The connection was closed while the members of ${stage} were followed.`;
      throw new OutsideError('NATS_UNREACHABLE', message, { retriable: false });
    });
  } finally {
    stopListening?.();
    sight.pause();
  }
};
