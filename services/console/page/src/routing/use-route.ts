/** The page that the address names, followed as the address changes. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { parseRoute, type Route, routeLink } from './route.ts';

/** Goes to another page; `replace` leaves no step for the browser's back button. */
export const goTo = (route: Route, { replace = false } = {}): void => {
  const link = routeLink(route);
  if (link === window.location.hash) return;
  if (replace) window.history.replaceState(null, '', link);
  else window.history.pushState(null, '', link);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
};

export const useRoute = (): Route => {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const follow = () => setHash(window.location.hash);
    window.addEventListener('hashchange', follow);
    window.addEventListener('popstate', follow);
    return () => {
      window.removeEventListener('hashchange', follow);
      window.removeEventListener('popstate', follow);
    };
  }, []);
  return useMemo(() => parseRoute(hash), [hash]);
};
