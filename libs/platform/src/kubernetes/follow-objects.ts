/** One collection of the API server, listed and then watched, for as long as the signal lasts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesObject } from '@kubernetes/client-node';
import type { ClusterAccess } from './cluster-access.ts';
import { type ClusterError, isExpired, outsideErrorOf, refusedAnswer } from './cluster-error.ts';
import {
  acceptOf,
  type FollowedCollection,
  type Listing,
  listObjects,
  newestVersion,
  pathOf,
} from './list-objects.ts';
import { watchLines } from './watch-lines.ts';

/** A watch that lived for this long was a good one, whatever ended it. */
const steadyMs = 1_000;

/** Level, not edge: told again, it changes nothing. */
export type ObjectChange<Kind extends KubernetesObject> =
  /** A whole listing follows; what it does not name is gone. It may begin anew before `listed`. */
  | { readonly kind: 'listing' }
  | { readonly kind: 'object'; readonly object: Kind }
  /** As it was last; where that is not known, with its name and namespace only. */
  | { readonly kind: 'gone'; readonly object: Kind }
  | { readonly kind: 'listed' }
  /** The API server does not answer; a new listing follows as soon as it does. */
  | { readonly kind: 'unseen'; readonly reason: string };

export interface FollowLimits {
  /**
   * A watch is ended by the server after this or up to twice as long, and goes on where it was;
   * 300,000 by default.
   */
  readonly watchMs?: number;
  /** A watch without a byte for longer is opened anew; servers send a bookmark each minute. */
  readonly silenceMaxMs?: number;
  /** First and longest wait before trying again; each is drawn from half of it to all of it. */
  readonly retryMinMs?: number;
  readonly retryMaxMs?: number;
  /** A page of a listing that took longer has failed. */
  readonly pageTimeoutMs?: number;
}

type Limits = Required<FollowLimits>;

const defaultLimits: Limits = {
  watchMs: 300_000,
  silenceMaxMs: 75_000,
  retryMinMs: 50,
  retryMaxMs: 5_000,
  pageTimeoutMs: 30_000,
};

interface WatchEvent<Kind> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Kind;
}

interface Following extends Listing {
  readonly limits: Limits;
  /** Up to which everything has been told; undefined: a listing is needed. */
  position: string | undefined;
  /** Rounds in a row that failed. */
  failures: number;
  /** Rounds in a row that brought nothing: each waits longer than the one before. */
  waits: number;
}

type Changes<Kind extends KubernetesObject> = AsyncGenerator<ObjectChange<Kind>, void, undefined>;

async function* listing<Kind extends KubernetesObject>(following: Following): Changes<Kind> {
  for await (const page of listObjects<Kind>(following)) {
    if (page.isFirst) yield { kind: 'listing' };
    for (const object of page.objects) yield { kind: 'object', object };
    following.position = page.resourceVersion;
  }
  following.failures = 0;
  yield { kind: 'listed' };
}

/** An ERROR event carries the Status that an answer would have had. */
const errorIn = (object: KubernetesObject, what: FollowedCollection): ClusterError => {
  const status = Number((object as { code?: unknown }).code ?? 500);
  return refusedAnswer({ status, body: JSON.stringify(object) }, `watching ${what.path}`);
};

const openWatch = ({ access, what, limits, signal, position }: Following) => {
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: position ?? '',
    // Drawn, so that all watches of all processes do not begin again at once.
    timeoutSeconds: String(Math.ceil((limits.watchMs * (1 + Math.random())) / 1_000)),
  };
  return access.open({
    path: pathOf(what, query),
    accept: acceptOf(what, 'PartialObjectMetadata'),
    silenceMaxMs: limits.silenceMaxMs,
    signal,
  });
};

/** Versions of a history grow; a server that has another one says smaller ones, if only later. */
const assertSameHistory = (following: Following, object: KubernetesObject): void => {
  const { position, what } = following;
  if (!(Number(object.metadata?.resourceVersion) < Number(position))) return;
  following.position = undefined;
  throw new Error(`watching ${what.path}: the API server tells another, older history`);
};

/** One watch from the position on, until the server ends it. */
async function* watching<Kind extends KubernetesObject>(following: Following): Changes<Kind> {
  const body = await openWatch(following);
  const openedMs = performance.now();
  const proveGood = (): void => {
    following.failures = 0;
    following.waits = 0;
  };
  try {
    for await (const line of watchLines(body)) {
      const { type, object }: WatchEvent<Kind> = JSON.parse(line);
      if (type === 'ERROR') throw errorIn(object, following.what);
      assertSameHistory(following, object);
      if (type === 'DELETED') yield { kind: 'gone', object };
      else if (type !== 'BOOKMARK') yield { kind: 'object', object };
      following.position = object.metadata?.resourceVersion ?? following.position;
      proveGood();
    }
  } finally {
    body.destroy();
    if (performance.now() - openedMs >= steadyMs) proveGood();
  }
  if (performance.now() - openedMs < steadyMs) throw new Error('the watch ended at once');
}

/** Another history stands behind the API server: its newest version is older than what we saw. */
const isOtherHistory = async (following: Following): Promise<boolean> => {
  const newest = await newestVersion(following);
  return !(Number(newest) >= Number(following.position));
};

async function* round<Kind extends KubernetesObject>(following: Following): Changes<Kind> {
  if (following.failures > 0 && following.position !== undefined) {
    if (await isOtherHistory(following)) following.position = undefined;
  }
  if (following.position === undefined) yield* listing<Kind>(following);
  yield* watching<Kind>(following);
}

const pause = async (waitMs: number, signal: AbortSignal): Promise<void> => {
  try {
    await delay(waitMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};

const waitFor = async (following: Following, failure: ClusterError): Promise<void> => {
  const { limits, signal } = following;
  const doubled = limits.retryMinMs * 2 ** Math.min(following.waits, 20);
  const drawn = Math.min(limits.retryMaxMs, doubled) * (0.5 + Math.random() / 2);
  following.waits += 1;
  await pause(Math.max(failure.retryAfterMs ?? 0, drawn), signal);
};

/**
 * Every object of a collection, a listing first, until the signal aborts. Survives sockets that
 * break, watches that end or fall silent, 410, and a server that comes back with another history.
 * `unseen` is told once per loss, when the first try to come back has failed as well.
 */
export async function* followObjects<Kind extends KubernetesObject>(
  access: ClusterAccess,
  what: FollowedCollection,
  signal: AbortSignal,
  given: FollowLimits = {},
): AsyncGenerator<ObjectChange<Kind>, void, undefined> {
  const limits = { ...defaultLimits, ...given };
  const { pageTimeoutMs } = limits;
  const start = { position: undefined, failures: 0, waits: 0 };
  const following: Following = { access, what, limits, pageTimeoutMs, signal, ...start };
  while (!signal.aborted) {
    try {
      for await (const change of round<Kind>(following)) {
        yield change;
        if (signal.aborted) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      const failure = outsideErrorOf(error, `watching ${what.path}`);
      // An expired position is no loss of sight: the listing that follows tells everything.
      if (isExpired(failure)) following.position = undefined;
      else following.failures += 1;
      // The first failure is often a connection that was cut: going on at once tells whether.
      if (following.failures === 2) yield { kind: 'unseen', reason: failure.message };
      if (following.failures >= 2) following.position = undefined;
      await waitFor(following, failure);
    }
  }
}
