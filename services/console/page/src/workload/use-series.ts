/** What is known of a workload over a stretch of time, going on while it ends now. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Moved, Series } from '../../../src/wire.ts';
import { useTellConnection } from '../data/connection.ts';
import { apiAddress, type Failure, fetchJson } from '../data/fetch-json.ts';
import { type Heard, nothingHeard } from '../data/silence.ts';
import { useFeed } from '../data/use-feed.ts';
import { mergedSeries } from './merged-series.ts';
import { type ShownRange, shownSpan } from './time-range.ts';

/** Asked again with each tail: events reach the log a little after their time. */
const overlapMs = 10_000;

export interface FollowedSeries {
  readonly series: Series | null;
  readonly failure: Failure | null;
  /** Counts up whenever something has moved. */
  readonly version: number;
  /** When something moved last. */
  readonly moved: Heard;
}

interface Known {
  readonly series: Series | null;
  readonly failure: Failure | null;
}

/** Runs one question at a time; what is asked meanwhile is asked once more at its end. */
const oneAtATime = (work: () => Promise<void>): (() => Promise<void>) => {
  let isRunning = false;
  let isWanted = false;
  return async () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      await work();
    }
    isRunning = false;
  };
};

export const useSeries = (namespace: string, name: string, range: ShownRange): FollowedSeries => {
  const [known, setKnown] = useState<Known>({ series: null, failure: null });
  const [version, setVersion] = useState(0);
  const [moved, setMoved] = useState(nothingHeard);
  const newest = useRef<Series | null>(null);
  const more = useRef<() => Promise<void>>(async () => undefined);
  const isLive = typeof range === 'string';
  const tell = useTellConnection();
  const rangeKey = isLive ? range : `${range.fromMs}-${range.toMs}`;
  useEffect(() => {
    const left = new AbortController();
    newest.current = null;
    const ask = async () => {
      const span = shownSpan(range, Date.now());
      const before = newest.current;
      const sinceMs = before === null ? span.fromMs : before.toMs - overlapMs;
      const query = { sinceMs: Math.max(span.fromMs, sinceMs), untilMs: isLive ? null : span.toMs };
      try {
        const address = apiAddress(['workloads', namespace, name], query);
        const answer = await fetchJson<Series>(address, left.signal);
        if (!answer.ok) return setKnown({ series: newest.current, failure: answer.failure });
        newest.current =
          before === null ? answer.body : mergedSeries(before, answer.body, span.fromMs);
        setKnown({ series: newest.current, failure: null });
      } catch {
        // Aborted: another time is shown, or another page.
      }
    };
    more.current = oneAtATime(ask);
    void more.current();
    if (!isLive) tell('live');
    return () => left.abort();
  }, [namespace, name, rangeKey, tell]);
  useFeed(isLive ? apiAddress(['workloads', namespace, name, 'changes']) : null, {
    moved: (told) => {
      const { atMs } = told as Moved;
      if (atMs !== null) setMoved({ asOfMs: atMs, toldAtMs: atMs, cameAtMs: Date.now() });
      setVersion((before) => before + 1);
      void more.current();
    },
  });
  return { ...known, version, moved };
};
