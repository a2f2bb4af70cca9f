/** Annotations of ours that set nothing of scaling: for the platform, or written by ourselves. */
import { flyballPrefix } from './annotation-settings.ts';

const names = [
  // Asked of whoever runs the pods and leads requests to them.
  ...['probe-path', 'protocol', 'hosts'],
  // Written by the controller on what it makes.
  ...['reachable', 'template-hash', 'pod-hash'],
];

const keys: ReadonlySet<string> = new Set(names.map((name) => `${flyballPrefix}${name}`));

/** Written for people to read. */
const statusPrefix = `${flyballPrefix}status-`;

/** Is it known, although no policy comes of it? */
export const isPlatformAnnotation = (key: string): boolean =>
  keys.has(key) || key.startsWith(statusPrefix);
