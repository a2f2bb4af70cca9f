/** The reader's clock, for ages and for what ends now. */
import { useEffect, useRef, useState } from 'preact/hooks';

const tickMs = 1_000;

/** UTC ms, anew each second while the page is in sight. */
export const useNow = (): number => {
  const [nowMs, setNow] = useState(Date.now());
  useEffect(() => {
    const tick = () => {
      if (document.visibilityState === 'visible') setNow(Date.now());
    };
    const timer = window.setInterval(tick, tickMs);
    return () => window.clearInterval(timer);
  }, []);
  return nowMs;
};

/** Counts up every `everyMs` while the page is in sight, as long as `isWanted` says so. */
export const useEvery = (everyMs: number, isWanted: () => boolean = () => true): number => {
  const [count, setCount] = useState(0);
  const newest = useRef(isWanted);
  newest.current = isWanted;
  useEffect(() => {
    const tick = () => {
      const isSeen = document.visibilityState === 'visible';
      if (isSeen && newest.current()) setCount((before) => before + 1);
    };
    const timer = window.setInterval(tick, everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs]);
  return count;
};
