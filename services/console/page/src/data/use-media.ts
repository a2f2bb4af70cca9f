/** Whether a media query holds, followed as it changes. */
import { useEffect, useState } from 'preact/hooks';

export const useMedia = (query: string): boolean => {
  const [holds, setHolds] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const media = window.matchMedia(query);
    const follow = () => setHolds(media.matches);
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, [query]);
  return holds;
};

/** Narrow as a phone; style sheets say the same. */
export const phone = '(max-width: 700px)';
