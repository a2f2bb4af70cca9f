/** What is known of a workload over a stretch of time, going on while it ends now. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Moved, Series } from '../../../src/wire.ts';
import { type Asking, createAsking } from '../data/asking.ts';
import { useTellConnection } from '../data/connection.ts';
import {
  apiAddress,
  type Failure,
  fetchJson,
  isUnanswered,
  outcomeOf,
} from '../data/fetch-json.ts';
import { type Heard, nothingHeard } from '../data/silence.ts';
import { useFeed } from '../data/use-feed.ts';
import { useEvery } from '../data/use-now.ts';
import { type ShownRange, shownStretch } from '../routing/shown-range.ts';
import { mergedSeries } from './merged-series.ts';

/** Asked again with each tail: events reach the log a little after their time. */
const overlapMs = 10_000;
/** No tick moves a workload at rest; its averages go on, and so does why it stays as it is. */
const restEveryMs = 10_000;

export interface FollowedSeries {
  readonly series: Series | null;
  readonly failure: Failure | null;
  /** Counts up whenever something has moved, and now and then while nothing does. */
  readonly version: number;
  /** When something moved last. */
  readonly moved: Heard;
}

interface Known {
  readonly series: Series | null;
  readonly failure: Failure | null;
}

export const useSeries = (namespace: string, name: string, range: ShownRange): FollowedSeries => {
  const [known, setKnown] = useState<Known>({ series: null, failure: null });
  const [version, setVersion] = useState(0);
  const [moved, setMoved] = useState(nothingHeard);
  const newest = useRef<Series | null>(null);
  const asking = useRef<Asking | null>(null);
  const isLive = typeof range === 'string';
  const tell = useTellConnection();
  const rangeKey = isLive ? range : `${range.fromMs}-${range.toMs}`;
  useEffect(() => {
    newest.current = null;
    const asked = createAsking(async (signal) => {
      const stretch = shownStretch(range, Date.now());
      const before = newest.current;
      const sinceMs = before === null ? stretch.fromMs : before.toMs - overlapMs;
      const query = {
        sinceMs: Math.max(stretch.fromMs, sinceMs),
        untilMs: isLive ? null : stretch.toMs,
      };
      const address = apiAddress(['workloads', namespace, name], query);
      const answer = await fetchJson<Series>(address, signal);
      const failure = answer.ok ? null : answer.failure;
      if (answer.ok) {
        newest.current =
          before === null ? answer.body : mergedSeries(before, answer.body, stretch.fromMs);
      }
      setKnown({ series: newest.current, failure });
      // What ends now has a stream, which tells whether the console is there.
      if (!isLive) tell(isUnanswered(failure) ? 'gone' : 'live');
      return outcomeOf(answer);
    });
    asking.current = asked;
    asked.ask();
    return asked.end;
  }, [namespace, name, rangeKey, tell]);
  useFeed(isLive ? apiAddress(['workloads', namespace, name, 'changes']) : null, {
    moved: (told) => {
      const { atMs } = told as Moved;
      if (atMs !== null) setMoved({ asOfMs: atMs, toldAtMs: atMs, cameAtMs: Date.now() });
      setVersion((before) => before + 1);
      asking.current?.ask();
    },
  });
  const rests = useEvery(restEveryMs, () => isLive);
  useEffect(() => {
    if (rests > 0) asking.current?.ask();
  }, [rests]);
  return { ...known, version: version + rests, moved };
};
