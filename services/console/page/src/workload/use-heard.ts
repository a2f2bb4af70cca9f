/** When a workload was heard of last: by what moved, and by asking where nothing moves. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Explanation } from '../../../src/wire.ts';
import { apiAddress, fetchJson } from '../data/fetch-json.ts';
import { type Heard, laterHeard, nothingHeard } from '../data/silence.ts';

/**
 * A workload at rest does not move; after so long the console is asked how far the log is. With the
 * time between two looks and between two ticks it is less than a silence.
 */
const quietMs = 3_000;
const lookEveryMs = 1_000;

/** What an explanation of now is as of; without a decision all that is known is that it came. */
const heardIn = ({ atMs, since }: Explanation, cameAtMs: number): Heard => ({
  asOfMs: since?.tickAtMs ?? atMs,
  toldAtMs: atMs,
  cameAtMs,
});

/** `moved`: what the stream of changes told last. Where `isLive` is false nothing is asked. */
export const useHeard = (
  namespace: string,
  name: string,
  { moved, isLive }: { readonly moved: Heard; readonly isLive: boolean },
): Heard => {
  const [asked, setAsked] = useState(nothingHeard);
  const newest = laterHeard(asked, moved);
  const newestRef = useRef(newest);
  newestRef.current = newest;
  useEffect(() => {
    if (!isLive) return undefined;
    const left = new AbortController();
    const address = apiAddress(['workloads', namespace, name, 'explain']);
    let isAsking = false;
    let askedAtMs = 0;
    const look = async () => {
      const nowMs = Date.now();
      const isQuiet = nowMs - Math.max(askedAtMs, newestRef.current.cameAtMs) > quietMs;
      if (isAsking || !isQuiet || document.visibilityState !== 'visible') return;
      isAsking = true;
      askedAtMs = nowMs;
      try {
        const answer = await fetchJson<Explanation>(address, left.signal);
        if (answer.ok) setAsked(heardIn(answer.body, nowMs));
      } catch {
        // Aborted: another page is shown.
      }
      isAsking = false;
    };
    const timer = window.setInterval(() => void look(), lookEveryMs);
    return () => {
      window.clearInterval(timer);
      left.abort();
    };
  }, [namespace, name, isLive]);
  return newest;
};
