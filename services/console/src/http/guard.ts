/** Who may ask, and what a browser may do with the answers. */
import { isIP } from 'node:net';
import { type Refusal, refused } from './refusal.ts';

/** Everything comes from here: no other origin, nothing inline. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const guardHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** `name:8090`, `127.0.0.1`, `[::1]:8090`: the part before the port, in lower case. */
const hostNameIn = (host: string): string => {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d*$/, '')).toLowerCase();
};

/**
 * A page from elsewhere can make a name of its own lead here, and would then read all answers as
 * if they were its own. The Host header tells: only names that are known to be ours are answered.
 */
export const refusedHost = (
  host: string | undefined,
  names: readonly string[],
): Refusal | undefined => {
  const name = hostNameIn(host ?? '');
  if (isIP(name) !== 0 || name === 'localhost' || names.includes(name)) return undefined;
  const allowed = ['localhost', 'IP addresses', ...names].join(', ');
  return refused(
    'HOST_REFUSED',
    `The console is not asked for as ${JSON.stringify(host ?? '')}; allowed: ${allowed}. ` +
      'More names can be given in FLYBALL_CONSOLE_HOSTS.',
  );
};
