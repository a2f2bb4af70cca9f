/** Objects with versions and their history, as an API server stores one collection. */

export interface StoredObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly data: string;
}

interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly object: StoredObject;
}

export interface StoredCollection {
  readonly objects: ReadonlyMap<string, StoredObject>;
  version(): number;
  /** Watches from before this version have expired. */
  forgottenBefore(): number;
  put(name: string, data: string): string;
  drop(name: string): string | undefined;
  /** The history becomes as short as can be. */
  forget(): void;
  /** The lines of a watch that begins behind `version`. */
  linesAfter(version: number): readonly string[];
  /** A page of a listing as it was at its first page; undefined where that was forgotten. */
  page(limit: number, next: string): string | undefined;
}

const lineOf = ({ type, object }: StoredEvent): string => `${JSON.stringify({ type, object })}\n`;

/** A page's token: the version of its listing, and the name it begins after. */
const continued = (next: string): readonly [number, string] => {
  const [version = '', after = ''] = next.split(':');
  return [Number(version), after];
};

/** No two collections share a uid unless `firstVersion` is the same. */
export const createStoredCollection = (firstVersion: number): StoredCollection => {
  const objects = new Map<string, StoredObject>();
  const snapshots = new Map<number, readonly StoredObject[]>();
  let events: StoredEvent[] = [];
  let version = firstVersion;
  let forgotten = 0;
  const note = (type: StoredEvent['type'], object: StoredObject): string => {
    const event = { type, version, object };
    events.push(event);
    return lineOf(event);
  };
  return {
    objects,
    version: () => version,
    forgottenBefore: () => forgotten,
    put: (name, data) => {
      const before = objects.get(name);
      version += 1;
      const uid = before?.metadata.uid ?? `uid-${firstVersion}-${version}`;
      const metadata = { name, namespace: 'default', uid, resourceVersion: String(version) };
      objects.set(name, { metadata, data });
      return note(before === undefined ? 'ADDED' : 'MODIFIED', { metadata, data });
    },
    drop: (name) => {
      const before = objects.get(name);
      if (before === undefined) return undefined;
      objects.delete(name);
      version += 1;
      const metadata = { ...before.metadata, resourceVersion: String(version) };
      return note('DELETED', { ...before, metadata });
    },
    forget: () => {
      forgotten = version;
      events = [];
    },
    linesAfter: (from) => events.filter((event) => event.version > from).map(lineOf),
    page: (limit, next) => {
      const [from, after] = next === '' ? [version, ''] : continued(next);
      if (from < forgotten) return undefined;
      if (next === '') snapshots.set(version, [...objects.values()]);
      const all = [...(snapshots.get(from) ?? [])]
        .sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
        .filter(({ metadata }) => metadata.name > after);
      const items = all.slice(0, limit);
      const last = items.at(-1)?.metadata.name ?? '';
      const isLast = all.length === items.length;
      const metadata = {
        resourceVersion: String(from),
        continue: isLast ? '' : `${from}:${last}`,
      };
      return JSON.stringify({ kind: 'List', metadata, items });
    },
  };
};
